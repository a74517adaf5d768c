/** What Bob says, taken apart for showing: paragraphs and lists, links and numbers. Never HTML. */

export type Block =
  | { readonly is: "paragraph"; readonly lines: readonly (readonly Span[])[] }
  | { readonly is: "list"; readonly ordered: boolean; readonly entries: readonly Entry[] };

export interface Entry {
  readonly spans: readonly Span[];
  /** It belongs to the one before it. */
  readonly isDeep: boolean;
}

export type Span =
  | { readonly is: "text"; readonly text: string }
  | { readonly is: "link"; readonly text: string; readonly href: string; readonly own: boolean }
  /** A tracking number. */
  | { readonly is: "number"; readonly text: string };

const ENTRY = /^(\s*)(?:[-*•]|(\d{1,3})[.)])\s+(.*)$/;

/** Links go to the web or to this server's label files, and nowhere else. */
const SPANS = new RegExp(
  [
    String.raw`(?<web>https?:\/\/[^\s<>"'“”]+)`,
    String.raw`(?<![\w/.])(?<label>\/api\/labels\/[A-Za-z0-9][A-Za-z0-9._-]*)`,
    String.raw`\b(?<number>SAMPLE(?:-[A-Z0-9]{4}){2,}|1Z[A-Z0-9]{16}|9\d{3}(?: ?\d{4}){4} ?\d{2})\b`,
  ].join("|"),
  "g",
);

/** The blocks of a text, in its order. */
export function blocksOf(text: string): Block[] {
  const blocks: Block[] = [];
  for (const paragraph of text
    .trim()
    .split(/\n\s*\n/)
    .filter(Boolean)) {
    for (const line of paragraph.split("\n")) addLine(blocks, line);
    blocks.push({ is: "paragraph", lines: [] });
  }
  return blocks.filter((block) => block.is === "list" || block.lines.length > 0);
}

function addLine(blocks: Block[], line: string): void {
  const entry = ENTRY.exec(line);
  const last = blocks.pop();
  if (entry !== null) {
    const ordered = entry[2] !== undefined;
    const indent = entry[1] ?? "";
    const said: Entry = { spans: spansOf(entry[3] ?? ""), isDeep: indent.length > 1 };
    if (last?.is === "list" && last.ordered === ordered) {
      blocks.push({ ...last, entries: [...last.entries, said] });
    } else {
      if (last !== undefined) blocks.push(last);
      blocks.push({ is: "list", ordered, entries: [said] });
    }
  } else if (last?.is === "paragraph") {
    blocks.push({ is: "paragraph", lines: [...last.lines, spansOf(line)] });
  } else {
    if (last !== undefined) blocks.push(last);
    blocks.push({ is: "paragraph", lines: [spansOf(line)] });
  }
}

/** One line in pieces. Joined they are the line again. */
export function spansOf(line: string): Span[] {
  const spans: Span[] = [];
  let end = 0;
  for (const match of line.matchAll(SPANS)) {
    const found = match.groups?.number ?? trimmed(match[0]);
    if (match.index > end) spans.push({ is: "text", text: line.slice(end, match.index) });
    if (match.groups?.number !== undefined) spans.push({ is: "number", text: found });
    else spans.push({ is: "link", text: found, href: found, own: match.groups?.label !== undefined });
    end = match.index + found.length;
  }
  if (end < line.length) spans.push({ is: "text", text: line.slice(end) });
  return spans;
}

/** What ends a sentence does not belong to the address before it, nor a bracket that was opened before it. */
function trimmed(address: string): string {
  const bare = address.replace(/[.,;:!?…]+$/, "");
  const closes = bare.endsWith(")") && (bare.match(/\(/g)?.length ?? 0) < (bare.match(/\)/g)?.length ?? 0);
  return closes ? trimmed(bare.slice(0, -1)) : bare;
}
