import type { JsonObject } from "@shipanion/client";
import { MemoryStorage } from "@shipanion/client";
import { cleanup, fireEvent, screen } from "@testing-library/react";
import { afterEach, describe, expect, it } from "vitest";
import { Room, soon } from "./room.js";
import { APPROVAL, BOB, callFrame, CHOSEN, DETAILED, EMPTY, LABELLED, QUOTED } from "./states.js";

afterEach(() => {
  cleanup();
  localStorage.clear();
  sessionStorage.clear();
});

const field = (label: string) => screen.getByLabelText<HTMLInputElement>(label);
const button = (name: RegExp | string) => screen.getByRole<HTMLButtonElement>("button", { name });
const type = (label: string, text: string) => {
  field(label).focus();
  fireEvent.change(field(label), { target: { value: text } });
};
const leave = async (label: string) => {
  fireEvent.blur(field(label));
  await soon();
};
const details = (changes: JsonObject): JsonObject => ({ patch: { shipping_details: changes } });

describe("one state, two hands", () => {
  it("an edit goes out when its field is left: the changed member only, and it shows at once", async () => {
    const room = await Room.open(DETAILED);
    type("From ZIP", " 94107 ");
    expect(room.edits).toEqual([]);
    await leave("From ZIP");
    expect(room.edits).toEqual([{ from: "94107" }]);
    expect(field("From ZIP").value).toBe("94107");
  });

  it("Enter sends it too, and leaving the field afterwards not again", async () => {
    const room = await Room.open(DETAILED);
    type("Weight", "5 lb 8 oz");
    fireEvent.keyDown(field("Weight"), { key: "Enter" });
    await leave("Weight");
    expect(room.edits).toEqual([{ weight_lbs: 5.5 }]);
  });

  it("an edit that a reload overtakes on its way to the disk goes out from the next page", async () => {
    const slow = new MemoryStorage();
    slow.add = () => new Promise(() => undefined);
    const room = await Room.open(DETAILED, slow);
    type("From ZIP", "94107");
    await leave("From ZIP");
    expect(room.edits).toEqual([]);
    cleanup();
    expect((await Room.open(DETAILED)).edits).toEqual([{ from: "94107" }]);
    expect(field("From ZIP").value).toBe("94107");
  });

  it("an emptied field takes the member away", async () => {
    const room = await Room.open(DETAILED);
    type("To ZIP", "");
    await leave("To ZIP");
    expect(room.edits).toEqual([{ to: null }]);
  });

  it("Escape gives up what was typed", async () => {
    const room = await Room.open(DETAILED);
    type("Weight", "7");
    fireEvent.keyDown(field("Weight"), { key: "Escape" });
    await leave("Weight");
    expect([field("Weight").value, room.edits]).toEqual(["5", []]);
  });

  it("an edit of Bob's shows at once and says whose it is", async () => {
    const room = await Room.open(DETAILED);
    await room.event("state_changed", { ...details({ weight_lbs: 6 }), by: BOB });
    expect(field("Weight").value).toBe("6");
    expect(screen.getByText("Changed by Bob")).toBeTruthy();
  });

  it("a field that is being typed in is not overwritten; the other value is offered", async () => {
    const room = await Room.open(DETAILED);
    type("Weight", "5.2");
    await room.event("state_changed", { ...details({ weight_lbs: 6 }), by: BOB });
    expect(field("Weight").value).toBe("5.2");
    expect(screen.getByText(/Changed by Bob: it is 6/)).toBeTruthy();
    fireEvent.click(button("Use that"));
    expect([field("Weight").value, room.edits]).toEqual(["6", []]);
  });

  it("the server's refusal stands at its field, and what was typed stays until it is mended", async () => {
    const room = await Room.open(DETAILED);
    type("From ZIP", "99999");
    await leave("From ZIP");
    await room.refuses("No place has the ZIP code 99999.");
    expect(screen.getByRole("alert").textContent).toBe("No place has the ZIP code 99999.");
    expect(field("From ZIP").value).toBe("99999");
    expect(field("From ZIP").getAttribute("aria-invalid")).toBe("true");
    type("From ZIP", "9021");
    expect(screen.queryByRole("alert")).toBeNull();
  });

  it("three sides are one value", async () => {
    const room = await Room.open(DETAILED);
    type("Length", "12");
    type("Width", "10");
    await leave("Width");
    expect(room.edits).toEqual([]);
    type("Height", "8");
    await leave("Height");
    expect(room.edits).toEqual([{ dimensions: "12x10x8" }]);
  });

  it("an address is one value, sent when name and street are there", async () => {
    const room = await Room.open(DETAILED);
    const [name] = screen.getAllByLabelText<HTMLInputElement>("Name");
    const [street] = screen.getAllByLabelText<HTMLInputElement>("Street and number");
    if (name === undefined || street === undefined) throw new Error("There is no address.");
    fireEvent.change(name, { target: { value: "Ann" } });
    fireEvent.keyDown(name, { key: "Enter" });
    expect(room.edits).toEqual([]);
    expect(screen.getByText("Still needed: street")).toBeTruthy();
    fireEvent.change(street, { target: { value: "1 Main St" } });
    fireEvent.keyDown(street, { key: "Enter" });
    await soon();
    expect(room.edits).toEqual([{ sender: { name: "Ann", street: "1 Main St" } }]);
  });

  it("without a line an edit is kept, shown, and said to be not sent", async () => {
    const room = await Room.open(DETAILED);
    await room.breaks();
    type("Weight", "6");
    await leave("Weight");
    expect(field("Weight").value).toBe("6");
    expect(screen.getByText("Not sent yet")).toBeTruthy();
  });
});

describe("asking for quotes", () => {
  it("says what is missing, and asks nobody", async () => {
    const room = await Room.open({ ...EMPTY, shipping_details: { from: "90210" } });
    fireEvent.click(button("Get quotes"));
    expect(screen.getAllByRole("alert").map((each) => each.textContent)).toEqual([
      "Needed for a price: where it goes.",
      "Needed for a price.",
    ]);
    expect(document.activeElement).toBe(field("To ZIP"));
    expect(room.calls).toEqual([]);
  });

  it("one command for two clicks, with what is typed", async () => {
    const room = await Room.open(DETAILED);
    type("Weight", "6");
    const ask = button("Get quotes");
    fireEvent.click(ask);
    fireEvent.click(ask);
    await soon();
    expect(room.edits).toEqual([{ weight_lbs: 6 }]);
    expect(room.calls).toEqual([["get_shipping_quotes", { from_zip: "90210", to_zip: "10001", weight: 6 }]]);
    expect(button("Getting quotes…").disabled).toBe(true);
  });

  it("a failure stands at the field it is about", async () => {
    const room = await Room.open(DETAILED);
    fireEvent.click(button("Get quotes"));
    await soon();
    const call = room.sent("client_tool_call")[0]?.client_tool_call as JsonObject;
    await room.event("client_tool_call", { client_tool_call: call, id: call.tool_call_id ?? "" });
    await room.event("client_tool_result", {
      tool_call_id: call.tool_call_id ?? "",
      tool_name: "get_shipping_quotes",
      result: { error: "No carrier goes there.", code: "unplaced_zip", field: "to_zip" },
      is_error: true,
    });
    expect(screen.getByRole("alert").textContent).toBe("No carrier goes there.");
    expect(field("To ZIP").getAttribute("aria-invalid")).toBe("true");
    expect(button("Get quotes").disabled).toBe(false);
  });

  it("says that earlier quotes no longer count", async () => {
    await Room.open(QUOTED);
    fireEvent.click(button(/Details/));
    type("Weight", "6");
    await leave("Weight");
    expect(screen.getByText(/the earlier quotes no longer count/)).toBeTruthy();
  });
});

describe("choosing", () => {
  it("a radio group, and one command for the choice", async () => {
    const room = await Room.open(QUOTED);
    expect(screen.getAllByRole<HTMLInputElement>("radio").map(({ checked }) => checked)).toEqual([true, false]);
    fireEvent.click(screen.getByRole("radio", { name: /Express/ }));
    expect(room.calls).toEqual([]);
    fireEvent.click(button("Choose Priority Mail Express"));
    await soon();
    expect(room.calls).toEqual([["select_quote", { quote: "usps-priority-mail-express" }]]);
    expect(button("Make a sample label")).toBeTruthy();
  });

  it("sorts by days", async () => {
    await Room.open(QUOTED);
    fireEvent.click(button("Fastest first"));
    const services = screen.getAllByRole<HTMLInputElement>("radio").map(({ value }) => value);
    expect(services).toEqual(["usps-priority-mail-express", "usps-ground-advantage"]);
  });

  it("quotes that ran out can be asked for again, not chosen", async () => {
    const room = await Room.open({ ...QUOTED, quotes_expire_at: 1 });
    expect(screen.queryByRole("button", { name: /^Choose/ })).toBeNull();
    fireEvent.click(button("Get fresh quotes"));
    await soon();
    expect(room.calls).toEqual([["get_shipping_quotes", { from_zip: "90210", to_zip: "10001", weight: 5 }]]);
  });
});

describe("buying", () => {
  const real = (state: JsonObject): JsonObject => ({
    ...state,
    quotes: (state.quotes as JsonObject[]).map((quote) => ({ ...quote, estimate: false })),
  });

  it("one command for two clicks", async () => {
    const room = await Room.open(CHOSEN);
    const buy = button("Make a sample label");
    fireEvent.click(buy);
    fireEvent.click(buy);
    await soon();
    expect(room.calls).toEqual([["create_label", {}]]);
    expect(buy.disabled).toBe(true);
  });

  it("where money moves the addresses come first", async () => {
    await Room.open(real(CHOSEN));
    expect(button(/Buy label for \$26.05/).disabled).toBe(true);
    fireEvent.click(button("Add the addresses"));
    expect(field("From ZIP")).toBeTruthy();
  });

  it("the question has its price, and one answer for two clicks", async () => {
    const room = await Room.open({ ...real(CHOSEN), approval: APPROVAL });
    const yes = button("Yes, pay $26.05");
    fireEvent.click(yes);
    fireEvent.click(yes);
    fireEvent.click(button("No"));
    await soon();
    expect(room.sent("resolve_approval")).toMatchObject([{ approval_id: "approval-1", decision: "approved" }]);
  });

  it("whether a question has run out is the server's to say: this device's clock may be wrong", async () => {
    const room = await Room.open({ ...real(CHOSEN), approval: { ...APPROVAL, expires_at: 1 } });
    expect(screen.getByText("It may have run out")).toBeTruthy();
    fireEvent.click(button("Yes, pay $26.05"));
    await soon();
    expect(room.sent("resolve_approval")).toHaveLength(1);
  });

  it.each([
    ["claimed", "Buying the label…"],
    ["unknown", "Confirming with the carrier"],
  ])("a purchase that is %s", async (status, words) => {
    const purchase = { effect_id: "purchase-1", status, carrier: "USPS", service: "Ground Advantage", cost: 26.05 };
    await Room.open({ ...CHOSEN, purchase });
    expect(screen.getByText(words)).toBeTruthy();
  });

  it("why it was not made, with a way on", async () => {
    await Room.open({ ...CHOSEN, refusal: { say: "The label was not bought. The carrier refuses." } });
    expect(screen.getByRole("alert").textContent).toBe("The label was not bought. The carrier refuses.");
    expect(button("Make a sample label").disabled).toBe(false);
  });
});

describe("the label", () => {
  it("can be printed and saved, and says that it is a sample", async () => {
    await Room.open(LABELLED);
    expect(screen.getByRole<HTMLAnchorElement>("link", { name: "Print" }).pathname).toBe("/api/labels/label-1.pdf");
    const png = screen.getByRole<HTMLAnchorElement>("link", { name: "Download PNG" });
    expect(png.pathname + png.search).toBe("/api/labels/label-1.png?download=1");
    expect(screen.getByText("SAMPLE")).toBeTruthy();
    fireEvent.error(screen.getByRole("img"));
    expect(screen.queryByRole("link", { name: "Download PNG" })).toBeNull();
  });

  it("is taken back after a question only", async () => {
    const room = await Room.open(LABELLED);
    fireEvent.click(button("Void"));
    expect(room.calls).toEqual([]);
    fireEvent.click(button("Void the label"));
    await soon();
    expect(room.calls).toEqual([["void_label", { tracking_number: "SAMPLE-AAAA-BBBB" }]]);
  });

  it("its parcel's details stand, and another one can be begun with them", async () => {
    const room = await Room.open(LABELLED);
    fireEvent.click(button(/Details/));
    expect(field("From ZIP").readOnly).toBe(true);
    fireEvent.click(button("Same again"));
    await soon();
    expect(room.calls).toEqual([["new_shipment", { same_details: true }]]);
  });

  it("is tracked, and a made-up journey says so", async () => {
    const room = await Room.open(LABELLED);
    fireEvent.click(button("Track"));
    fireEvent.click(button("See where it is"));
    await soon();
    expect(room.calls).toEqual([["track_package", { tracking_number: "SAMPLE-AAAA-BBBB" }]]);
    await room.event("client_tool_call", { ...callFrame("b1", "track_package"), by: BOB });
    await room.event("client_tool_result", {
      tool_call_id: "b1",
      tool_name: "track_package",
      is_error: false,
      result: {
        tracking_number: "SAMPLE-AAAA-BBBB",
        status: "DELIVERED",
        simulated: true,
        events: [{ at: 1, status: "DELIVERED", text: "Delivered (simulated)", place: "New York, NY" }],
      },
    });
    await soon();
    expect(screen.getByText("Delivered")).toBeTruthy();
    expect(screen.getByText(/its journey is made up/)).toBeTruthy();
    expect(screen.getByText("Delivered (simulated)")).toBeTruthy();
  });
});

describe("the steps", () => {
  const openStep = () => document.querySelector('[aria-current="step"]')?.textContent;

  it("are a list with the present one marked; what is not there yet cannot be opened", async () => {
    await Room.open(QUOTED);
    expect(screen.getByRole("list", { name: "Steps of this parcel" }).children.length).toBe(4);
    expect(openStep()).toContain("Quotes");
    expect(button(/Label/).disabled).toBe(true);
  });

  it("follow the parcel", async () => {
    const room = await Room.open(DETAILED);
    await room.event("client_tool_result", {
      tool_call_id: "b",
      tool_name: "get_shipping_quotes",
      is_error: false,
      result: {},
      by: BOB,
      patch: { quotes: QUOTED.quotes ?? [], quotes_expire_at: 4_000_000_000_000 },
    });
    expect(openStep()).toContain("Quotes");
  });

  it("stay where the person looks back, and say that Bob moved on", async () => {
    const room = await Room.open(QUOTED);
    fireEvent.click(button(/Details/));
    await room.event("state_changed", { patch: { chosen: "usps-ground-advantage" }, by: BOB });
    expect(openStep()).toContain("Details");
    expect(screen.getByText("Bob moved on to Label")).toBeTruthy();
    fireEvent.click(button("Show"));
    expect(openStep()).toContain("Label");
  });

  it("stay where the person types", async () => {
    const room = await Room.open(DETAILED);
    type("Weight", "5.2");
    fireEvent.focus(field("Weight"));
    await room.event("state_changed", { patch: { quotes: QUOTED.quotes ?? [] }, by: BOB });
    expect(openStep()).toContain("Details");
    expect(field("Weight").value).toBe("5.2");
  });
});

describe("a reload", () => {
  it("leaves what is half typed, where the person was and the focus", async () => {
    await Room.open(CHOSEN);
    fireEvent.click(button(/Details/));
    type("Weight", "5.2");
    cleanup();
    await Room.open(CHOSEN);
    expect(document.querySelector('[aria-current="step"]')?.textContent).toContain("Details");
    expect(field("Weight").value).toBe("5.2");
    expect(document.activeElement).toBe(field("Weight"));
  });

  it("forgets what was sent meanwhile", async () => {
    await Room.open(DETAILED);
    type("Weight", "6");
    await leave("Weight");
    cleanup();
    await Room.open(DETAILED);
    expect(field("Weight").value).toBe("5");
  });
});
