"""The world timeline as a picture (SVG) and as a page (HTML) with the tables behind it.

    scene      what is drawn, and where each lane and window lies
    scale      the axis: instants to places
    marks      each phase's letter, colour and pattern
    sky        behind the windows: night, peak hours, local midnights, clock changes
    bars       the windows
    axis       UTC above the lanes, and now
    legend     what the marks mean
    style      colours, in light, dark and print
    svg, page  the picture; the page around it
    tables     all that the picture shows, as tables
    markup     elements, escaped

The same input gives the same bytes.
"""
