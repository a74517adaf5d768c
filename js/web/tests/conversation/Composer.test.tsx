import { cleanup, fireEvent, screen } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Room } from "./room.js";

beforeEach(() => {
  localStorage.clear();
  sessionStorage.clear();
});
afterEach(cleanup);

const field = () => screen.getByLabelText<HTMLTextAreaElement>("Message to Bob");
const type = (text: string) => fireEvent.change(field(), { target: { value: text } });
const press = (init: object) => fireEvent.keyDown(field(), { key: "Enter", ...init });

describe("sending", () => {
  it("Enter says it, once, and the field is empty and still there", async () => {
    const room = await Room.open();
    type("  5 lb from 90210 to 10001 ");
    await room.does(() => press({}));
    expect(room.sent("user_message")).toMatchObject([{ text: "5 lb from 90210 to 10001" }]);
    expect(field().value).toBe("");
    await room.does(() => press({}));
    expect(room.sent("user_message")).toHaveLength(1);
  });

  it.each([{ shiftKey: true }, { isComposing: true }, { keyCode: 229 }])("not with %j", async (init) => {
    const room = await Room.open();
    type("にほん");
    await room.does(() => press(init));
    expect(room.sent("user_message")).toEqual([]);
    expect(field().value).toBe("にほん");
  });

  it("a message is shown at once, and is not shown twice when its event comes", async () => {
    const room = await Room.open();
    type("hello");
    await room.does(() => press({}));
    const [{ id } = {}] = room.sent("user_message");
    const row = screen.getByText("hello").closest("li");
    await room.event("user_message", { id: id ?? "", text: "hello", turn_id: "t1" });
    expect(screen.getAllByText("hello")).toHaveLength(1);
    expect(screen.getByText("hello").closest("li")).toBe(row);
  });

  it("a paste of 20,000 characters goes, one that is too long stays and says so", async () => {
    const room = await Room.open();
    type("x".repeat(20_000));
    await room.does(() => press({}));
    expect(room.sent("user_message")).toMatchObject([{ text: "x".repeat(20_000) }]);
    type("y".repeat(32_005));
    await room.does(() => press({}));
    expect(room.sent("user_message")).toHaveLength(1);
    expect(screen.getByText("5 too many")).toBeDefined();
    expect(field().value).toHaveLength(32_005);
  });
});

describe("without a connection", () => {
  it("the same field stays, with its words and its focus, and what is sent waits", async () => {
    const room = await Room.open();
    const before = field();
    before.focus();
    type("half a mess");
    await room.breaks();
    expect(field()).toBe(before);
    expect(field().disabled).toBe(false);
    expect(document.activeElement).toBe(before);
    type("half a message");
    await room.does(() => press({}));
    expect(screen.getByText(/goes out when you are back$/)).toBeDefined();
    expect(screen.getByText("half a message")).toBeDefined();
  });

  it("what is refused for good says why, and can be taken back to be mended", async () => {
    const room = await Room.open();
    type("something");
    await room.does(() => press({}));
    const [{ id } = {}] = room.sent("user_message");
    await room.says({ type: "error", code: "session_full", message: "This session is full.", temporary: false, id: id ?? "" }); // prettier-ignore
    expect(screen.getByText(/This session is full\./)).toBeDefined();
    fireEvent.click(screen.getByRole("button", { name: "Edit" }));
    expect(field().value).toBe("something");
    expect(screen.queryByText(/This session is full\./)).toBeNull();
  });

  it("or be tried again as a new message", async () => {
    const room = await Room.open();
    type("something");
    await room.does(() => press({}));
    const [{ id } = {}] = room.sent("user_message");
    await room.says({ type: "error", code: "unknown", message: "No.", temporary: false, id: id ?? "" });
    await room.does(() => fireEvent.click(screen.getByRole("button", { name: "Try again" })));
    const [first, second] = room.sent("user_message");
    expect(second).toMatchObject({ text: "something" });
    expect(second?.id).not.toBe(first?.id);
  });
});

it("the draft and the focus are there again after a reload, before there is a connection", async () => {
  const room = await Room.open();
  field().focus();
  type("5 lb fr");
  room.close();
  new Room();
  expect(field().value).toBe("5 lb fr");
  expect(document.activeElement).toBe(field());
});
