/** Serves stylesheets and script, whose paths contain their hash, and logos of providers. */
import { readFileSync } from 'node:fs'
import { GatehouseError } from '../errors.ts'
import { pathPart } from '../http/fields.ts'
import { secretsScript, stylesheet, submitScript } from '../pages/assets.ts'
import type { Provider } from '../provider/provider.ts'
import { publicHeaders } from './buttons/buttons.ts'
import type { Handler } from './route.ts'
import type { Call } from './shell.ts'

export async function sendAsset({ shell, request, response }: Call): Promise<void> {
  const asset = [stylesheet, submitScript, secretsScript, shell.brandStyles].find(({ path }) => path === request.path)
  if (asset === undefined) throw new GatehouseError('not_found', 'no such stylesheet or script')
  response
    .set({ 'content-type': asset.type, 'cache-control': 'public, max-age=31536000, immutable' })
    .send(asset.content)
}

/** Serves the providers' logos as `<kind>.svg`, read at start. */
export function logoHandler(providers: readonly Provider[]): Handler {
  const logos: ReadonlyMap<string, Buffer> = new Map(
    providers.flatMap(({ kind, brand }) =>
      brand.logo === undefined ? [] : [[`${kind}.svg`, readFileSync(brand.logo)] as const],
    ),
  )
  return async ({ request, response }) => {
    const logo = logos.get(pathPart(request, 'file'))
    if (logo === undefined) throw new GatehouseError('not_found', 'no such logo')
    response
      .set({ ...publicHeaders, 'content-type': 'image/svg+xml', 'cache-control': 'public, max-age=86400' })
      .send(logo)
  }
}
