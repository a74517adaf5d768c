import { describe, expect, it, vi } from "vitest";
import type { Here } from "../../src/identity/identity.js";
import { Identity } from "../../src/identity/identity.js";
import { ABOUT, memoryOf, setting, StandIn, Tabs } from "../support/standIn.js";

const HOUR = 3_600_000;

async function started({ ports }: ReturnType<typeof setting>): Promise<Identity> {
  const identity = new Identity(ports);
  await identity.start();
  return identity;
}

function here(identity: Identity): Here {
  const state = identity.state();
  if (state.phase !== "here") throw new Error(`Nobody is here: ${state.phase}.`);
  return state;
}

describe("coming to the page", () => {
  it("makes a guest of whoever comes first, and finds them again", async () => {
    const server = new StandIn();
    const memory = memoryOf();
    const identity = await started(setting(server, memory));
    expect(here(identity).me).toMatchObject({ user_id: "guest-1", kind: "guest" });
    expect(server.requests).toEqual(["GET /api/about", "POST /api/guest"]); // nobody to ask about: no refusal to log
    const later = await started(setting(server, memory));
    expect(here(later).me.user_id).toBe("guest-1");
  });

  it("shows the door where guests may not come in", async () => {
    const server = new StandIn();
    server.about = { ...ABOUT, guests: false };
    expect((await started(setting(server))).state()).toMatchObject({ phase: "signed_out", about: server.about });
    expect(server.requests).not.toContain("POST /api/guest");
  });

  it("asks somebody with an account to sign in again, and makes no guest of them", async () => {
    const server = new StandIn();
    const memory = memoryOf();
    server.cookie = server.account("ann", "correct horse");
    await started(setting(server, memory));
    server.expire();
    const identity = await started(setting(server, memory));
    expect(identity.state()).toMatchObject({ phase: "signed_out", last: { name: "ann" } });
    expect(server.requests).not.toContain("POST /api/guest");
  });

  it("tells a guest whose visit ran out that this is another one", async () => {
    const server = new StandIn();
    const memory = memoryOf();
    await started(setting(server, memory));
    server.expire();
    const identity = await started(setting(server, memory));
    expect(here(identity)).toMatchObject({ me: { user_id: "guest-2" }, isNewGuest: true });
  });

  it.each(["away", "ill"] as const)("goes on as who was here last while the server is %s", async (health) => {
    const server = new StandIn();
    const memory = memoryOf();
    await started(setting(server, memory));
    server.health = health;
    const away = setting(server, memory);
    const identity = await started(away);
    expect(here(identity).me.user_id).toBe("guest-1");
    expect(server.requests.filter((request) => request === "POST /api/guest")).toHaveLength(1);
    server.health = "well";
    away.timers.fire();
    await vi.waitFor(() => {
      expect(away.timers.waits).toEqual([6 * HOUR]);
    });
  });

  it("says that the server does not answer when nobody was ever here, and asks again by itself", async () => {
    const away = setting();
    away.server.health = "away";
    const identity = await started(away);
    expect(identity.state()).toEqual({
      phase: "unreachable",
      problem: "The server cannot be reached at the moment.",
    });
    away.server.health = "well";
    away.timers.fire();
    await vi.waitFor(() => {
      expect(here(identity).me.user_id).toBe("guest-1");
    });
  });
});

describe("an account", () => {
  it("keeps the guest's person, and renews the open connection", async () => {
    const place = setting();
    const identity = await started(place);
    const tickets: string[] = [];
    identity.onTicket((ticket) => tickets.push(ticket));
    await identity.makeAccount("ann", "correct horse");
    expect(here(identity).me).toMatchObject({ user_id: "guest-1", name: "ann", kind: "account" });
    expect(tickets).toEqual(["guest-1/1"]);
    expect(place.forgotten).toEqual([]);
  });

  it("says what the server has against a name, and changes nothing", async () => {
    const place = setting();
    place.server.account("ann", "correct horse");
    const identity = await started(place);
    await expect(identity.makeAccount("ann", "another horse")).rejects.toMatchObject({
      message: "That name is taken.",
    });
    expect(here(identity).me.kind).toBe("guest");
  });

  it("takes the place of a guest, for whom nothing is kept any more", async () => {
    const place = setting();
    const ann = place.server.account("ann", "correct horse");
    const identity = await started(place);
    await identity.signIn("ann", "correct horse");
    expect(here(identity).me).toEqual(ann);
    expect(place.forgotten).toEqual(["guest-1"]);
  });

  it("takes the place of another account, whose unsent things stay", async () => {
    const place = setting();
    place.server.cookie = place.server.account("ann", "correct horse");
    place.server.account("eve", "battery staple");
    const identity = await started(place);
    await identity.signIn("eve", "battery staple");
    expect(here(identity).me.name).toBe("eve");
    expect(place.forgotten).toEqual([]);
  });
});

describe("staying", () => {
  it("hands on a ticket before the credential ends, again and again", async () => {
    const place = setting();
    const identity = await started(place);
    const tickets: string[] = [];
    const end = identity.onTicket((ticket) => tickets.push(ticket));
    place.timers.fire();
    await vi.waitFor(() => {
      expect(tickets).toEqual(["guest-1/1"]);
      expect(place.timers.waits).toEqual([6 * HOUR]);
    });
    end();
    await identity.renew();
    expect(tickets).toHaveLength(1);
  });

  it("lapses when the credential is refused, and comes back with the next good one", async () => {
    const place = setting();
    place.server.cookie = place.server.account("ann", "correct horse");
    const identity = await started(place);
    place.server.expire();
    expect(await identity.check()).toBe("lapsed");
    expect(here(identity)).toMatchObject({ me: { name: "ann" }, isLapsed: true });
    await identity.signIn("ann", "correct horse");
    expect(here(identity)).toMatchObject({ me: { name: "ann" }, isLapsed: false });
  });

  it("asks whose account was shut to sign in, on the page as it stands and when it is loaded again", async () => {
    const memory = memoryOf();
    const place = setting(new StandIn(), memory);
    place.server.cookie = place.server.account("ann", "correct horse");
    const identity = await started(place);
    place.server.isShut = true;
    expect(await identity.renew()).toBe("lapsed");
    expect(here(identity)).toMatchObject({ me: { name: "ann" }, isLapsed: true });
    const later = await started(setting(place.server, memory));
    expect(later.state()).toMatchObject({ phase: "signed_out", last: { name: "ann" } });
  });

  it("does not lapse because the server has trouble", async () => {
    const place = setting();
    const identity = await started(place);
    place.server.health = "ill";
    expect(await identity.renew()).toBe("unknown");
    expect(here(identity).isLapsed).toBe(false);
    expect(place.timers.waits).toEqual([5_000]);
  });

  it("gives nobody a ticket of somebody else's", async () => {
    const place = setting();
    const identity = await started(place);
    const tickets: string[] = [];
    identity.onTicket((ticket) => tickets.push(ticket));
    place.server.cookie = place.server.account("ann", "correct horse");
    await identity.renew();
    expect(here(identity).me.name).toBe("ann");
    expect(tickets).toEqual([]);
  });
});

describe("leaving", () => {
  it("erases what is kept for the person, and does not let a guest in at once", async () => {
    const server = new StandIn();
    const memory = memoryOf();
    const place = setting(server, memory);
    const identity = await started(place);
    await identity.signOut();
    expect(identity.state()).toMatchObject({ phase: "signed_out", about: ABOUT });
    expect(place.forgotten).toEqual(["guest-1"]);
    expect(place.timers.waits).toEqual([]);
    expect((await started(setting(server, memory))).state().phase).toBe("signed_out");
    await identity.comeInAsGuest();
    expect(here(identity).me.user_id).toBe("guest-2");
    expect(here(await started(setting(server, memory))).me.user_id).toBe("guest-2");
  });

  it("changes nothing when the server cannot be told", async () => {
    const place = setting();
    const identity = await started(place);
    place.server.health = "away";
    await expect(identity.signOut()).rejects.toMatchObject({ temporary: true });
    expect(here(identity).me.user_id).toBe("guest-1");
    expect(place.forgotten).toEqual([]);
  });

  it("is possible with a credential that ended already", async () => {
    const place = setting();
    const identity = await started(place);
    place.server.expire();
    await identity.signOut();
    expect(identity.state().phase).toBe("signed_out");
    expect(place.forgotten).toEqual(["guest-1"]);
  });
});

describe("two tabs", () => {
  async function two() {
    const server = new StandIn();
    const memory = memoryOf();
    const tabs = new Tabs();
    const [first, second] = [setting(server, memory, tabs.open()), setting(server, memory, tabs.open())];
    return { server, first: await started(first), second: await started(second), secondForgot: second.forgotten };
  }

  it("leave together", async () => {
    const { first, second, secondForgot } = await two();
    await first.signOut();
    await vi.waitFor(() => {
      expect(second.state().phase).toBe("signed_out");
    });
    expect(secondForgot).toEqual([]);
  });

  it("come in together, as the same person", async () => {
    const { server, first, second } = await two();
    server.account("ann", "correct horse");
    await first.signIn("ann", "correct horse");
    await vi.waitFor(() => {
      expect(here(second).me.name).toBe("ann");
    });
  });

  it("keep both connections when a guest becomes an account", async () => {
    const { first, second } = await two();
    const tickets: string[] = [];
    second.onTicket((ticket) => tickets.push(ticket));
    await first.makeAccount("ann", "correct horse");
    await vi.waitFor(() => {
      expect(here(second).me).toMatchObject({ user_id: "guest-1", name: "ann" });
    });
    expect(tickets).toHaveLength(1);
  });
});
