/** Draws Mermaid diagrams while the site is built. Their colors follow the theme of the page. */
import { renderMermaidSVG } from 'beautiful-mermaid'

/**
 * Width of the text in px. A wider diagram is drawn smaller, to the scale where it is still
 * readable.
 */
const column = 688
const minScale = 0.7

const options = {
  bg: 'var(--vp-c-bg)',
  fg: 'var(--vp-c-text-1)',
  transparent: true,
  padding: 8,
  nodeSpacing: 12,
  layerSpacing: 24,
}

/** A flowchart that is too wide from left to right goes from top to bottom. */
export function diagramOf(source: string): string {
  const drawn = renderMermaidSVG(source, options)
  const isWide = widthOf(drawn) > column
  return figureOf(isWide ? renderMermaidSVG(source.replace('flowchart LR', 'flowchart TD'), options) : drawn)
}

/**
 * The style sheet of the theme has the rules of the `style` element, which would load a font from
 * another host.
 */
function figureOf(svg: string): string {
  const content = svg.slice(svg.indexOf('</style>') + '</style>'.length)
  const width = Math.round(widthOf(svg))
  const size = `width:100%;max-width:${width}px;min-width:${Math.round(width * minScale)}px`
  const style = `${size};--bg:${options.bg};--fg:${options.fg}`
  const open = `<svg role="img" aria-label="Diagram" viewBox="${attribute(svg, 'viewBox')}" style="${style}">`
  return `<figure class="diagram" tabindex="0" v-pre>${open}${content}</figure>\n`
}

const widthOf = (svg: string) => Number.parseFloat(attribute(svg, 'width'))

/** The first attribute of this name is that of the root element. */
const attribute = (svg: string, name: string) => svg.split(` ${name}="`)[1]?.split('"')[0] ?? ''
