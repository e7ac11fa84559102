/**
 * How wide text is, which nobody can measure while a picture is made: by an average letter of the widest common
 * fonts, so that text is rather cut than runs over. Widths in px.
 */
export interface Font {
  /** Height of the font, px. */
  size: number;
  /** Width of an average letter, as a part of the size. */
  letter: number;
}

export const fonts = {
  /** Names, in a font whose letters are of one width. */
  name: { size: 13, letter: 0.605 },
  host: { size: 12, letter: 0.605 },
  heading: { size: 19, letter: 0.66 },
  strong: { size: 13, letter: 0.64 },
  prose: { size: 12, letter: 0.57 },
  small: { size: 11, letter: 0.6 },
} as const satisfies Record<string, Font>;

export function textWidth(text: string, font: Font): number {
  return [...text].length * font.size * font.letter;
}

/** The text on one line, cut to the width with an ellipsis where it is longer. */
export function fitted(text: string, font: Font, width: number): string {
  const line = text.replace(/\s+/g, " ").trim();
  const letters = [...line];
  const room = Math.max(1, Math.floor(width / (font.size * font.letter)));
  return letters.length <= room
    ? line
    : `${letters
        .slice(0, room - 1)
        .join("")
        .trimEnd()}…`;
}
