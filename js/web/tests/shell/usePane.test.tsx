import type { JsonObject } from "@shipanion/client";
import { renderHook } from "@testing-library/react";
import { expect, it } from "vitest";
import type { Pane } from "../../src/shell/TabBar.js";
import { useNews } from "../../src/shell/usePane.js";

interface Props {
  readonly opened?: number;
  readonly pane: Pane;
  readonly state?: JsonObject;
  readonly offset?: number;
}

function news(first: Props) {
  const hook = renderHook(({ opened = 1, pane, state, offset }: Props) => useNews(opened, pane, state, offset), {
    initialProps: first,
  });
  return (props: Props): readonly Pane[] => {
    hook.rerender(props);
    return hook.result.current;
  };
}

const [NOTHING, QUOTED]: readonly [JsonObject, JsonObject] = [{ current_step: 0 }, { current_step: 1 }];

it("what is there when a conversation is opened is no news", () => {
  const at = news({ pane: "bob" });
  expect(at({ pane: "bob", state: QUOTED, offset: 12 })).toEqual([]);
  expect(at({ pane: "sessions", opened: 2, state: NOTHING, offset: 3 })).toEqual([]);
});

it("what changes in a pane that is not shown is, until it is looked at", () => {
  const at = news({ pane: "bob", state: NOTHING, offset: 1 });
  expect(at({ pane: "bob", state: QUOTED, offset: 2 })).toEqual(["parcel"]);
  expect(at({ pane: "parcel", state: QUOTED, offset: 2 })).toEqual([]);
  expect(at({ pane: "parcel", state: QUOTED, offset: 3 })).toEqual(["bob"]);
  expect(at({ pane: "bob", state: QUOTED, offset: 3 })).toEqual([]);
});

it("another title is none for the parcel", () => {
  const at = news({ pane: "bob", state: NOTHING, offset: 1 });
  expect(at({ pane: "bob", state: { ...NOTHING, title: "Boots" }, offset: 2 })).toEqual([]);
});
