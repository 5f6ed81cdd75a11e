"""Pages for who reads and does not compute: one HTML file each, no network, pictures as inline SVG."""
