"""The keys of the keyboard, by the page where they work."""

KEYS = (
    (
        "Everywhere",
        (
            ("Jump to a page, rule, player or board", ("Ctrl K", "⌘ K")),
            ("Find on this page", ("/",)),
            ("Next, previous row", ("↓", "↑")),
            ("These keys", ("?",)),
            ("Close what is open", ("Esc",)),
        ),
    ),
    ("Rules", (("Open", ("Enter",)), ("Edit", ("e",)), ("Choose, for several at once", ("x",)))),
    (
        "Building a rule",
        (
            ("Add a condition below, a group", ("Ctrl Enter", "Ctrl Shift Enter")),
            ("Move up, down", ("Alt ↑", "Alt ↓")),
            ("Undo, redo", ("Ctrl Z", "Ctrl Y")),
            ("From a phrase to its row, and back", ("Ctrl .",)),
            ("All keys of the builder", ("?",)),
        ),
    ),
    (
        "JSON",
        (("Find", ("Ctrl F",)), ("Next problem", ("F8",)), ("Apply to builder", ("Ctrl Enter",))),
    ),
)
