/** The files of a label. The server names one; a PDF of its own making has a picture beside it under the same name. */

export interface LabelFiles {
  readonly pdf?: string;
  readonly png?: string;
  readonly other?: string;
}

/** Where a label's files are, from the one that the state names; the picture beside a PDF may be missing. */
export function filesOf(url: string | undefined): LabelFiles {
  if (url === undefined) return {};
  if (url.endsWith(".pdf")) return { pdf: url, png: `${url.slice(0, -4)}.png` };
  return url.endsWith(".png") ? { png: url } : { other: url };
}
