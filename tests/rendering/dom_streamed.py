"""DOM shape *streamed*: React sends a shell first and the content later, hidden, to be moved by a script."""

from __future__ import annotations

from tests.rendering.dom_kit import Kit


class Streamed(Kit):
    """The content stands in ``<div hidden id="S:0">`` behind the footer."""

    def body(self, main: str) -> str:
        shell = '<main><!--$?--><template id="B:0"></template><div>Loading</div><!--/$--></main>'
        moved = f'<div hidden id="S:0">{main}</div><script>$RC=function(b,s){{}};$RC("B:0","S:0")</script>'
        return f"{self.site_head()}{shell}{self.site_foot()}{moved}"
