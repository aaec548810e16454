/** SAML metadata of a connection (4.1.1). */
import { GatehouseError } from '../../errors.ts'
import { placeOf } from '../../http/fields.ts'
import type { Call, WithParts } from '../shell.ts'

export async function showMetadata({ shell, request, response }: Call<WithParts<'connections'>>): Promise<void> {
  const { tenant, connection } = placeOf(request)
  const { upstream, settings } = shell.parts.connections.get(tenant, connection)
  if (upstream.metadata?.publish === undefined)
    throw new GatehouseError('not_found', `a connection of kind ${settings.kind} has no metadata`)
  response
    .set({ 'content-type': 'application/samlmetadata+xml', 'cache-control': 'no-cache' })
    .send(await upstream.metadata.publish())
}
