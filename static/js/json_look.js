// How the JSON editor looks: the tokens of the page, light and dark, and no colour that only decorates.
export function look(cm) {
  const { EditorView, HighlightStyle, syntaxHighlighting, tags } = cm;
  const words = HighlightStyle.define([
    { tag: tags.propertyName, color: "var(--lr-ink)", fontWeight: "500" },
    { tag: [tags.string, tags.special(tags.string)], color: "var(--lr-accent)" },
    { tag: [tags.number, tags.bool, tags.null], color: "var(--lr-platinum)" },
    { tag: [tags.separator, tags.squareBracket, tags.brace], color: "var(--lr-ink-3)" },
    { tag: tags.invalid, color: "var(--lr-bad)" },
  ]);
  const theme = EditorView.theme({
    "&": {
      color: "var(--lr-ink)",
      backgroundColor: "var(--lr-surface)",
      borderRadius: "var(--lr-radius-lg)",
    },
    "&, .cm-scroller": { minHeight: "20rem", maxHeight: "70dvh" },
    "&.cm-focused": { outline: "2px solid var(--lr-accent)", outlineOffset: "1px" },
    ".cm-scroller": {
      fontFamily: "var(--tblr-font-monospace, monospace)",
      fontSize: "var(--lr-text-sm)",
      lineHeight: "1.375rem",
      overflow: "auto",
    },
    ".cm-content": { padding: "1rem 0", caretColor: "var(--lr-ink)" },
    ".cm-gutters": { backgroundColor: "transparent", color: "var(--lr-ink-3)", border: "0" },
    ".cm-activeLine, .cm-activeLineGutter": {
      backgroundColor: "color-mix(in oklab, var(--lr-sunken) 60%, transparent)",
    },
    ".cm-selectionMatch, &.cm-focused .cm-matchingBracket": {
      backgroundColor: "var(--lr-accent-tint)",
    },
    ".cm-foldPlaceholder": {
      backgroundColor: "var(--lr-sunken)",
      border: "0",
      color: "var(--lr-ink-2)",
    },
    ".cm-lintRange-error": {
      backgroundImage: "none",
      textDecoration: "underline wavy var(--lr-bad) 1px",
      textUnderlineOffset: "3px",
    },
    ".cm-lint-marker-error": {
      content: "none",
      width: ".5rem",
      height: ".5rem",
      margin: ".4rem .1rem",
      borderRadius: "1px",
      backgroundColor: "var(--lr-bad)",
      rotate: "45deg",
    },
    ".cm-tooltip, .cm-panels": {
      backgroundColor: "var(--lr-raised)",
      color: "var(--lr-ink)",
      borderColor: "var(--lr-line)",
    },
    ".cm-tooltip": {
      border: "1px solid var(--lr-line)",
      borderRadius: "var(--lr-radius)",
      boxShadow: "var(--lr-shadow-pop)",
    },
    ".cm-diagnostic-error": { borderLeftColor: "var(--lr-bad)" },
    ".cm-panel.cm-search": { padding: ".5rem .75rem" },
    ".cm-panel input, .cm-panel button": {
      backgroundImage: "none",
      backgroundColor: "var(--lr-surface)",
      color: "var(--lr-ink)",
      border: "1px solid var(--lr-control)",
      borderRadius: "4px",
      font: "inherit",
    },
    ".cm-panel.cm-panel-lint ul [aria-selected]": {
      backgroundColor: "var(--lr-sunken)",
      color: "var(--lr-ink)",
    },
  });
  return [theme, syntaxHighlighting(words)];
}
