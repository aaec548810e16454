/**
 * The logo of an app, stored as a `data:` URL so that our pages load nothing from other sites. The
 * type is read from the bytes. An SVG is shown only by `<img>`, where it runs no scripts.
 */
export const maxLogoBytes = 65_536

export const maxLogoLength = 90_000

const allowed = 'a PNG, JPEG, WebP or SVG image'

export type ReadLogo =
  | { readonly ok: true; readonly logoUri: string }
  /** Follows the field's name. */
  | { readonly ok: false; readonly wrong: string }

export function logoOf(bytes: Uint8Array): ReadLogo {
  if (bytes.length > maxLogoBytes) return { ok: false, wrong: `must have at most ${maxLogoBytes / 1024} kB` }
  const type = pixelTypeOf(bytes) ?? (isSvg(bytes) ? 'image/svg+xml' : undefined)
  if (type === undefined) return { ok: false, wrong: `must be ${allowed}` }
  return { ok: true, logoUri: `data:${type};base64,${Buffer.from(bytes).toString('base64')}` }
}

export function readLogo(text: string): ReadLogo {
  const comma = text.indexOf(',')
  if (!text.startsWith('data:') || comma < 0) return { ok: false, wrong: `must be a data: URL of ${allowed}` }
  if (text.length > maxLogoBytes * 3 + comma) return { ok: false, wrong: `must have at most ${maxLogoBytes / 1024} kB` }
  const content = text.slice(comma + 1)
  if (/;base64$/i.test(text.slice(0, comma))) return logoOf(Buffer.from(content, 'base64'))
  try {
    return logoOf(Buffer.from(decodeURIComponent(content)))
  } catch {
    return { ok: false, wrong: `must be a data: URL of ${allowed}` }
  }
}

export function isStoredLogo(logo: string | undefined): logo is string {
  return logo !== undefined && /^data:image\/(png|jpeg|webp|svg\+xml);base64,[A-Za-z0-9+/]+={0,2}$/.test(logo)
}

/**
 * Image type by the first bytes (WHATWG MIME Sniffing 6.1). Undefined also for SVG, which is text.
 */
export function pixelTypeOf(bytes: Uint8Array): 'image/png' | 'image/jpeg' | 'image/webp' | undefined {
  const start = Buffer.from(bytes.subarray(0, 12)).toString('latin1')
  if (start.startsWith('\x89PNG\r\n\x1a\n')) return 'image/png'
  if (start.startsWith('\xff\xd8\xff')) return 'image/jpeg'
  return start.startsWith('RIFF') && start.endsWith('WEBP') ? 'image/webp' : undefined
}

export function isSvg(bytes: Uint8Array): boolean {
  let rest = Buffer.from(bytes).toString('utf8').trimStart()
  for (const [begin, end] of [
    ['<?', '?>'],
    ...Array<[string, string]>(10).fill(['<!--', '-->']),
    ['<!DOCTYPE', '>'],
  ] as const)
    if (rest.startsWith(begin)) rest = rest.includes(end) ? rest.slice(rest.indexOf(end) + end.length).trimStart() : ''
  return /^<svg[\s/>]/.test(rest)
}
