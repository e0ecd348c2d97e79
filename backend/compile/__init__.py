"""From a drawing to a proved module: write the text, import it in a process of its own, and check what it promises."""
