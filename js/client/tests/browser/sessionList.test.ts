import { emptyBrowser, show } from "../support/page.js";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { userOf } from "../../src/browser/plainSocket.js";
import { openSession } from "../../src/browser/openSession.js";
import { SessionList } from "../../src/browser/sessionList.js";
import { NOT_RUN, ServerProcess } from "../support/serverProcess.js";

const row = (id: string) => ({ id, last_at: 1, head: 2 });
const answer = (sessions: object[], archived = 0) => Response.json({ sessions, archived });

beforeEach(() => {
  emptyBrowser();
  show(true);
});

afterEach(() => {
  vi.useRealTimers();
});

describe("the list", () => {
  it("keeps what it has when the server cannot be reached, and says so", async () => {
    const fetching = vi.fn<typeof fetch>();
    const list = new SessionList({ user: "ann", url: "http://h", fetch: fetching });
    expect(list.snapshot().sessions).toBeUndefined();
    fetching.mockResolvedValueOnce(answer([row("s")], 3));
    await list.refresh();
    expect(list.snapshot()).toEqual({ sessions: [row("s")], hasMore: false, archivedCount: 3, error: undefined });
    fetching.mockRejectedValueOnce(new TypeError("fetch failed"));
    await list.refresh();
    expect(list.snapshot()).toMatchObject({ sessions: [row("s")], error: { code: "network" } });
    fetching.mockResolvedValueOnce(
      Response.json({ error: { code: "expired", message: "Sign in again." } }, { status: 401 }),
    );
    await list.refresh();
    expect(list.snapshot().error).toEqual({ code: "expired", message: "Sign in again." });
    fetching.mockResolvedValueOnce(new Response("<html>", { status: 502 }));
    await list.refresh();
    expect(list.snapshot()).toMatchObject({ sessions: [row("s")], error: { code: "network" } });
    fetching.mockResolvedValueOnce(Response.json({ sessions: [row("s")], more: true, archived: 0 }));
    await list.refresh();
    expect(list.snapshot()).toEqual({ sessions: [row("s")], hasMore: true, archivedCount: 0, error: undefined });
  });

  it("an answer that was overtaken by a later one changes nothing", async () => {
    const answers: ((response: Response) => void)[] = [];
    const fetching = () => new Promise<Response>((resolve) => answers.push(resolve));
    const list = new SessionList({ user: "ann", url: "http://h", fetch: fetching });
    const both = [list.refresh(), list.refresh()];
    answers[1]?.(answer([row("new")]));
    await both[1];
    answers[0]?.(answer([row("old")]));
    await both[0];
    expect(list.snapshot().sessions).toEqual([row("new")]);
  });

  it("asks while it is visible, and when the person comes back", async () => {
    vi.useFakeTimers();
    const fetching = vi.fn<typeof fetch>(() => Promise.resolve(answer([])));
    const list = new SessionList({ user: "ann", url: "http://h", fetch: fetching });
    const end = list.follow();
    await vi.advanceTimersByTimeAsync(31_000);
    expect(fetching).toHaveBeenCalledTimes(3);
    show(false);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(fetching).toHaveBeenCalledTimes(3);
    show(true);
    expect(fetching).toHaveBeenCalledTimes(4);
    end();
    show(true);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(fetching).toHaveBeenCalledTimes(4);
  });
});

describe.skipIf(NOT_RUN !== undefined)("with a real server", () => {
  const server = new ServerProcess();
  beforeAll(async () => {
    await server.start();
  });
  afterAll(async () => {
    await server.remove();
  });

  it("lists, renames, puts away and brings back", async () => {
    const token = await server.guest();
    const { session, close } = openSession({ user: userOf(token) ?? "", url: server.url, token, newKey: "k" });
    await session.say("hello");
    const id = session.snapshot().sessionId ?? "";
    await close();
    const list = new SessionList({ user: userOf(token) ?? "", url: server.url, token });
    const archived = new SessionList({ user: userOf(token) ?? "", url: server.url, token, archived: true });
    const ids = ({ snapshot }: SessionList) => snapshot().sessions?.map((item) => item.id);
    const renamed = list.rename(id, "Books");
    await renamed;
    expect(list.snapshot().sessions).toMatchObject([{ id, title: "Books", archived: false }]);
    await list.archive(id);
    await archived.refresh();
    expect([ids(list), list.snapshot().archivedCount, ids(archived)]).toEqual([[], 1, [id]]);
    await archived.unarchive(id);
    await list.refresh();
    expect([ids(list), list.snapshot().archivedCount, ids(archived)]).toEqual([[id], 0, []]);
    await expect(list.archive("session-none")).rejects.toThrow();
    expect(ids(list)).toEqual([id]);
  });
});
