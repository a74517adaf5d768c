import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Block, Span } from "../../src/conversation/bobText.js";
import { blocksOf, spansOf } from "../../src/conversation/bobText.js";

const shape = (block: Block) =>
  block.is === "list"
    ? `${block.ordered ? "ol" : "ul"}: ${block.entries.map(({ spans, isDeep }) => `${isDeep ? "> " : ""}${words(spans)}`).join(" | ")}`
    : `p: ${block.lines.map(words).join(" / ")}`;
const words = (spans: readonly Span[]) => spans.map((span) => (span.is === "text" ? span.text : `[${span.is} ${span.text}]`)).join(""); // prettier-ignore

describe("blocks", () => {
  it.each([
    ["", []],
    ["One.", ["p: One."]],
    ["One.\nTwo.\n\nThree.", ["p: One. / Two.", "p: Three."]],
    ["For 5 lb:\n- a for $1\n- b for $2\nThe cheapest is a.", ["p: For 5 lb:", "ul: a for $1 | b for $2", "p: The cheapest is a."]], // prettier-ignore
    ["1. a\n2) b\n- c", ["ol: a | b", "ul: c"]],
    ["- a\n\n- b", ["ul: a", "ul: b"]],
    ["- a:\n  - b\n- c", ["ul: a: | > b | c"]],
    ["5 - 3 and 7.5 lb", ["p: 5 - 3 and 7.5 lb"]],
  ])("%j", (text, blocks) => {
    expect(blocksOf(text).map(shape)).toEqual(blocks);
  });
});

describe("spans", () => {
  it.each([
    ["It is at /api/labels/label-9f.pdf. Print it.", "It is at [link /api/labels/label-9f.pdf]. Print it."],
    ["See https://tools.usps.com/go?a=1&b=2, or not", "See [link https://tools.usps.com/go?a=1&b=2], or not"],
    ["(https://a.test/x)", "([link https://a.test/x])"],
    ["https://a.test/x_(y)", "[link https://a.test/x_(y)]"],
    ["Number SAMPLE-BNHJ-BMMJ.", "Number [number SAMPLE-BNHJ-BMMJ]."],
    ["1Z999AA10123456784 and 9400 1118 9922 3456 7890 12", "[number 1Z999AA10123456784] and [number 9400 1118 9922 3456 7890 12]"], // prettier-ignore
    ["javascript:alert(1) data:text/html,x ftp://a.test", "javascript:alert(1) data:text/html,x ftp://a.test"],
    ["evil.test/api/labels/x.pdf", "evil.test/api/labels/x.pdf"],
    ["/api/labels/../../sign-out", "/api/labels/../../sign-out"],
    ["<b onclick=x>hi</b>", "<b onclick=x>hi</b>"],
  ])("%j", (line, expected) => {
    expect(words(spansOf(line))).toBe(expected);
  });

  it("lose nothing of the line, and every link is one of the web or of this server", () => {
    const parts = fc.array(fc.oneof(fc.string(), fc.constantFrom("https://", "http://a", "/api/labels/", "javascript:", "1Z", ")", ".", " ")), { maxLength: 12 }); // prettier-ignore
    fc.assert(
      fc.property(parts, (pieces) => {
        const line = pieces.join("").replaceAll("\n", " ");
        const spans = spansOf(line);
        expect(spans.map(({ text }) => text).join("")).toBe(line);
        for (const span of spans) if (span.is === "link") expect(span.href).toMatch(/^(?:https?:\/\/|\/api\/labels\/)/);
      }),
    );
  });
});
