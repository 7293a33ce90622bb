"""Where things stand in a picture: from values to coordinates, one file a picture.

The SVG components print what these functions return; nothing here knows of HTML or a clock.
"""
