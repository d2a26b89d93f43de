/**
 * How many pixels of the page one of an element's own is. A snippet on another site's page is zoomed where that page has
 * its own idea of a rem; a canvas has to know.
 */
export function zoomOf(element: Element): number {
  return Number(getComputedStyle(element).getPropertyValue("--snippet-zoom")) || 1;
}
