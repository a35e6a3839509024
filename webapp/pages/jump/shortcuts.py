"""The keyboard shortcuts, by the page where they work."""

KEYS = (
    (
        "Everywhere",
        (
            ("Jump to a page, rule, player or leaderboard", ("Ctrl K", "⌘ K")),
            ("Find on this page", ("/",)),
            ("Next, previous row", ("↓", "↑")),
            ("Show the keyboard shortcuts", ("?",)),
            ("Close a sheet or menu", ("Esc",)),
        ),
    ),
    ("Rules", (("Open", ("Enter",)), ("Edit", ("e",)), ("Select, for bulk actions", ("x",)))),
    (
        "Building a rule",
        (
            ("Add a condition below, a group", ("Ctrl Enter", "Ctrl Shift Enter")),
            ("Move up, down", ("Alt ↑", "Alt ↓")),
            ("Undo, redo", ("Ctrl Z", "Ctrl Y")),
            ("From a phrase to its row, and back", ("Ctrl .",)),
            ("All shortcuts of the builder", ("?",)),
        ),
    ),
    (
        "JSON",
        (("Find", ("Ctrl F",)), ("Next problem", ("F8",)), ("Apply to builder", ("Ctrl Enter",))),
    ),
)
