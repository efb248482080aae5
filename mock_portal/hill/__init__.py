"""The twin of the original's case log: shells that scripts fill, custom elements, JSON behind the page.

Paths, element names and JSON keys follow what is known of the original; what nobody could find out is chosen here
and may differ there.
"""
