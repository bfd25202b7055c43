"""Printed sheets: pages in millimetres of paper, drawn as SVG and set by Typst into one PDF, without a browser."""
