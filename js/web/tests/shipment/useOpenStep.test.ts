import { act, renderHook } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { readParcel } from "../../src/shipment/parcel.js";
import type { Step } from "../../src/shipment/steps.js";
import { useOpenStep } from "../../src/shipment/useOpenStep.js";
import { CHOSEN, DETAILED, EMPTY, LABELLED, QUOTED } from "./states.js";

interface Given {
  state: unknown;
  known?: boolean;
  mover?: string | undefined;
  typing?: boolean;
}

function opened(first: Given, kept?: Step) {
  const keeps: (Step | undefined)[] = [];
  const keep = (step: Step | undefined) => void keeps.push(step);
  const hook = renderHook(
    ({ state, known = true, mover, typing = false }: Given) =>
      useOpenStep(readParcel(state), known, mover, typing, kept, keep),
    { initialProps: first },
  );
  return {
    keeps,
    now: () => [hook.result.current.open, hook.result.current.moved] as const,
    then: (next: Given) => {
      hook.rerender(next);
    },
    show: (step: Step) => {
      act(() => {
        hook.result.current.show(step);
      });
    },
    follow: () => {
      act(() => {
        hook.result.current.follow();
      });
    },
  };
}

describe("following", () => {
  it("goes where the parcel goes, whoever moves it", () => {
    const page = opened({ state: DETAILED });
    page.then({ state: QUOTED, mover: "Bob" });
    expect(page.now()).toEqual([1, undefined]);
    page.then({ state: DETAILED, mover: "another device" });
    expect(page.now()).toEqual([0, undefined]);
  });

  it("what becomes known after a reload is no move", () => {
    const page = opened({ state: undefined, known: false }, 0);
    page.then({ state: CHOSEN, mover: "Bob" });
    expect(page.now()).toEqual([0, undefined]);
  });
});

describe("looking back", () => {
  it("stays, is kept, and is told who moved on", () => {
    const page = opened({ state: QUOTED });
    page.show(0);
    page.then({ state: CHOSEN, mover: "Bob" });
    expect(page.now()).toEqual([0, { to: 2, by: "Bob" }]);
    page.follow();
    expect(page.now()).toEqual([2, undefined]);
    expect(page.keeps).toEqual([0, undefined]);
  });

  it("one's own move is followed", () => {
    const page = opened({ state: QUOTED });
    page.show(0);
    page.then({ state: CHOSEN });
    expect(page.now()).toEqual([2, undefined]);
  });

  it("the front is no looking back", () => {
    const page = opened({ state: QUOTED });
    page.show(1);
    expect(page.keeps).toEqual([undefined]);
    page.then({ state: CHOSEN, mover: "Bob" });
    expect(page.now()).toEqual([2, undefined]);
  });

  it("a step that went away is left", () => {
    const page = opened({ state: CHOSEN }, 1);
    expect(page.now()[0]).toBe(1);
    page.then({ state: EMPTY, mover: "Bob" });
    expect(page.now()).toEqual([0, undefined]);
  });
});

it("who types stays where the typing is", () => {
  const page = opened({ state: DETAILED, typing: true });
  page.then({ state: QUOTED, mover: "Bob", typing: true });
  expect(page.now()).toEqual([0, { to: 1, by: "Bob" }]);
});

it("tracking is kept open while the label stays", () => {
  const page = opened({ state: LABELLED }, 3);
  expect(page.now()).toEqual([3, undefined]);
});
