/** Serves stylesheets and script, whose paths contain their hash, and logos of providers. */
import { readFileSync } from 'node:fs'
import type { Request, Response } from 'express'
import { GatehouseError } from '../errors.ts'
import { pathPart } from '../http/fields.ts'
import { stylesheet } from '../pages/stylesheet.ts'
import { submitScript } from '../pages/submit-script.ts'
import type { Provider } from '../provider/provider.ts'
import { publicHeaders } from './buttons/buttons.ts'
import type { Shell } from './shell.ts'

const css = 'text/css; charset=utf-8'
const assets = [
  { ...stylesheet, type: css },
  { ...submitScript, type: 'text/javascript; charset=utf-8' },
]

export async function sendAsset(
  { brandStyles }: Pick<Shell, 'brandStyles'>,
  request: Request,
  response: Response,
): Promise<void> {
  const asset = [...assets, { ...brandStyles, type: css }].find(({ path }) => path === request.path)
  if (asset === undefined) throw new GatehouseError('not_found', 'no such stylesheet or script')
  response
    .set({ 'content-type': asset.type, 'cache-control': 'public, max-age=31536000, immutable' })
    .send(asset.content)
}

/** Serves the providers' logos as `<kind>.svg`, read at start. */
export function logoHandler(
  providers: readonly Provider[],
): (shell: unknown, request: Request, response: Response) => Promise<void> {
  const logos: ReadonlyMap<string, Buffer> = new Map(
    providers.flatMap(({ kind, brand }) =>
      brand.logo === undefined ? [] : [[`${kind}.svg`, readFileSync(brand.logo)] as const],
    ),
  )
  return async (_shell, request, response) => {
    const logo = logos.get(pathPart(request, 'file'))
    if (logo === undefined) throw new GatehouseError('not_found', 'no such logo')
    response
      .set({ ...publicHeaders, 'content-type': 'image/svg+xml', 'cache-control': 'public, max-age=86400' })
      .send(logo)
  }
}
