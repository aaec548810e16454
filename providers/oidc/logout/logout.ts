/** OpenID Connect RP-Initiated Logout 1.0. */
import { z } from 'zod'
import type { Memo } from '../../../src/provider/provider.ts'
import type { Upstream } from '../upstream.ts'

const memoForm = z.object({ idToken: z.string() })
/** Longer URLs may be refused. Without the hint the upstream asks the user. */
const maxHintLength = 6000

export function logoutMemo(idToken: string): Memo {
  return { idToken } satisfies z.infer<typeof memoForm>
}

export async function logout({ config, metadata }: Upstream, memo: Memo, returnTo: URL): Promise<URL | undefined> {
  const { end_session_endpoint: endpoint } = await metadata.get()
  if (endpoint === undefined) return undefined
  const { idToken = '' } = memoForm.safeParse(memo).data ?? {}
  const url = new URL(endpoint)
  if (idToken !== '' && idToken.length <= maxHintLength) url.searchParams.set('id_token_hint', idToken)
  url.searchParams.set('client_id', config.clientId)
  url.searchParams.set('post_logout_redirect_uri', returnTo.href)
  return url
}
