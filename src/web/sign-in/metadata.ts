/** SAML metadata of a connection (4.1.1). */
import type { Request, Response } from 'express'
import { GatehouseError } from '../../errors.ts'
import { pathPart } from '../../http/fields.ts'
import type { WithParts } from '../shell.ts'

export type MetadataPorts = WithParts<'connections'>

export async function showMetadata(shell: MetadataPorts, request: Request, response: Response): Promise<void> {
  const { upstream, settings } = shell.parts.connections.get(
    pathPart(request, 'tenant'),
    pathPart(request, 'connection'),
  )
  if (upstream.metadata?.publish === undefined)
    throw new GatehouseError('not_found', `a connection of kind ${settings.kind} has no metadata`)
  response
    .set({ 'content-type': 'application/samlmetadata+xml', 'cache-control': 'no-cache' })
    .send(await upstream.metadata.publish())
}
