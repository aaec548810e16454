/** Serves stylesheets and script, whose paths contain their hash, and logos of providers. */
import { readFileSync } from 'node:fs'
import { GatehouseError } from '../errors.ts'
import { pathPart } from '../http/fields.ts'
import { assets } from '../pages/assets.ts'
import { iconOf } from '../pages/site/icon.ts'
import type { Provider } from '../provider/provider.ts'
import { publicHeaders } from './buttons/buttons.ts'
import type { Handler } from './route.ts'
import type { Call } from './shell.ts'

export async function sendAsset({ shell, request, response }: Call): Promise<void> {
  const asset = [...assets, shell.brandStyles].find(({ path }) => path === request.path)
  if (asset === undefined) throw new GatehouseError('not_found', 'no such stylesheet or script')
  response
    .set({ 'content-type': asset.type, 'cache-control': 'public, max-age=31536000, immutable' })
    .send(asset.content)
}

/** Serves the providers' logos as `<kind>.svg` and `<kind>-dark.svg`, read at start. */
export function logoHandler(providers: readonly Provider[]): Handler {
  const logos: ReadonlyMap<string, Buffer> = new Map(
    providers.flatMap(({ kind, brand: { logo, logoDark } }) => [
      ...(logo === undefined ? [] : [[`${kind}.svg`, readFileSync(logo)] as const]),
      ...(logoDark === undefined ? [] : [[`${kind}-dark.svg`, readFileSync(logoDark)] as const]),
    ]),
  )
  return async ({ request, response }) => {
    const logo = logos.get(pathPart(request, 'file'))
    if (logo === undefined) throw new GatehouseError('not_found', 'no such logo')
    response
      .set({ ...publicHeaders, 'content-type': 'image/svg+xml', 'cache-control': 'public, max-age=86400' })
      .send(logo)
  }
}

/** `/static/icons/AR.svg`: the icon of a tenant with these initials (pages/site/icon.ts). */
export async function sendIcon({ request, response }: Call): Promise<void> {
  const icon = iconOf(pathPart(request, 'file').replace(/\.svg$/, ''))
  if (icon === undefined) throw new GatehouseError('not_found', 'no such icon')
  response.set({ 'content-type': 'image/svg+xml; charset=utf-8', 'cache-control': 'public, max-age=86400' }).send(icon)
}

/** Sends the icon to clients that request it without reading a page, such as for a bookmark. */
export async function sendDefaultIcon({ response }: Call): Promise<void> {
  response
    .set({ 'content-type': 'image/svg+xml; charset=utf-8', 'cache-control': 'public, max-age=86400' })
    .send(iconOf('G'))
}
