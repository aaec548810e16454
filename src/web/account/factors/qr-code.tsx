/** QR codes, drawn here: the content never leaves the page. */
import { encode } from 'uqr'

/** The light border that scanners need (ISO/IEC 18004, 9.1), in modules. */
const border = 4

/** Runs of dark modules, row by row. */
function pathOf(rows: readonly (readonly boolean[])[]): string {
  let path = ''
  for (const [y, row] of rows.entries())
    for (let x = 0; x < row.length; x++) {
      if (row[x] !== true) continue
      const from = x
      while (row[x + 1] === true) x++
      path += `M${from} ${y}h${x + 1 - from}v1h-${x + 1 - from}z`
    }
  return path
}

const drawn = (text: string) => {
  const { data, size } = encode(text, { ecc: 'M', border })
  return { path: pathOf(data), viewBox: `0 0 ${size} ${size}` }
}

/** @param label for screen readers, such as "QR code of the secret" */
export function QrCode({ text, label }: { readonly text: string; readonly label: string }) {
  const { path, viewBox } = drawn(text)
  return (
    <svg class="qr-code" role="img" aria-label={label} viewBox={viewBox} shape-rendering="crispEdges">
      <rect width="100%" height="100%" fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  )
}

/** The same as a document, for the API. */
export function qrCodeSvg(text: string): string {
  const { path, viewBox } = drawn(text)
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${viewBox}" shape-rendering="crispEdges"><rect width="100%" height="100%" fill="#fff"/><path d="${path}" fill="#000"/></svg>`
}
