import { describe, expect, it } from "vitest";
import { Api } from "../../src/identity/api.js";

function answering(answer: () => Response | Promise<Response>) {
  const asked: { readonly path: string; readonly init: RequestInit }[] = [];
  const api = new Api((path, init = {}) => {
    asked.push({ path: path as string, init });
    return Promise.resolve(answer());
  });
  return { api, asked };
}

it("sends a form with the browser's cookie and reads the person", async () => {
  const me = { user_id: "user-1", name: "Ann", kind: "account", expires_at: 5 };
  const { api, asked } = answering(() => Response.json(me));
  expect(await api.signIn("Ann", "a&b=c")).toEqual(me);
  expect(asked[0]).toMatchObject({ path: "/api/sign-in", init: { method: "POST", credentials: "same-origin" } });
  expect(asked[0]?.init.body).toEqual(new URLSearchParams({ username: "Ann", password: "a&b=c" }));
});

it("takes an answer without a body", async () => {
  const { api } = answering(() => new Response(null, { status: 204 }));
  await expect(api.signOut()).resolves.toBeUndefined();
});

describe("what goes wrong is an ApiError", () => {
  const said = (status: number, error: object) => Response.json({ error }, { status });
  it.each<[string, () => Response | Promise<Response>, object]>([
    ["no network", () => Promise.reject(new TypeError("Failed to fetch")), { code: "unreachable", temporary: true }],
    ["a proxy's page", () => new Response("<h1>", { status: 502 }), { code: "http_502", temporary: true }],
    [
      "trouble, in words",
      () => said(503, { code: "starting", message: "Soon." }),
      { code: "starting", message: "Soon.", temporary: true },
    ],
    [
      "too many tries",
      () => said(429, { code: "rate_limited", message: "Wait.", retry_after_ms: 900 }),
      { code: "rate_limited", temporary: true, retryAfterMs: 900 },
    ],
    [
      "a refusal",
      () => said(401, { code: "expired", message: "Over." }),
      { code: "expired", message: "Over.", temporary: false },
    ],
    ["a refusal without words", () => new Response("", { status: 404 }), { code: "http_404", temporary: false }],
    [
      "an answer that is none",
      () => new Response("<h1>Welcome to the hotel</h1>"),
      { code: "malformed", temporary: true },
    ],
  ])("%s", async (_, answer, error) => {
    const { api } = answering(answer);
    await expect(api.me()).rejects.toMatchObject({ name: "ApiError", ...error });
  });

  it("a ticket that is none", async () => {
    const { api } = answering(() => Response.json({ expires_in: 60 }));
    await expect(api.ticket()).rejects.toMatchObject({ code: "malformed" });
  });
});
