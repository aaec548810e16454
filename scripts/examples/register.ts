/** Registers apps by the API of developers, signed in as the operator of the quickstart. */
import type { Quickstart } from '../../test/support/servers/quickstart.ts'
import type { AppDraft, RegisteredApp } from './example.ts'

export async function openRegistration({ gatehouse, person }: Quickstart) {
  const { token } = await call<{ token: string }>('sessions', { tenant: 'demo', ...person })
  return async (draft: AppDraft): Promise<RegisteredApp> => {
    const { id } = await call<{ id: string }>('apps', draft, token)
    if (draft.kind !== 'web') return { id, secret: '' }
    const { secret } = await call<{ secret: string }>(`apps/${id}/secrets`, {}, token)
    return { id, secret }
  }

  async function call<T>(path: string, body: object, token?: string): Promise<T> {
    const response = await fetch(`${gatehouse}/api/v1/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(token !== undefined && { authorization: `Bearer ${token}` }) },
      body: JSON.stringify(body),
    })
    if (!response.ok) throw new Error(`POST /api/v1/${path}: ${response.status} ${await response.text()}`)
    return await response.json()
  }
}
