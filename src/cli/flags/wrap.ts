/** Narrower than this, wrapped text is harder to read than lines that run over. */
const leastWidth = 24;

/** The text in lines of at most `width` columns, broken between words; line ends in the text stay. */
export function wrap(text: string, width: number): readonly string[] {
  if (width < leastWidth) return text.split("\n");
  return text.split("\n").flatMap((paragraph) => {
    const lines: string[] = [];
    for (const word of paragraph.split(" ")) {
      const last = lines.at(-1);
      if (last === undefined || last.length + 1 + word.length > width) lines.push(word);
      else lines[lines.length - 1] = `${last} ${word}`;
    }
    return lines;
  });
}
