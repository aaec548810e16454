/** In-memory storage of the emulated Okta. */
import type { Adapter, AdapterPayload } from 'oidc-provider'

export function memoryAdapters(): (model: string) => Adapter {
  const entries = new Map<string, AdapterPayload>()
  return (model) => {
    const find = async (id: string) => entries.get(`${model}:${id}`)
    const where = async (fits: (payload: AdapterPayload) => boolean) =>
      [...entries].find(([key, payload]) => key.startsWith(`${model}:`) && fits(payload))?.[1]
    return {
      find,
      findByUid: (uid) => where((payload) => payload.uid === uid),
      findByUserCode: (userCode) => where((payload) => payload.userCode === userCode),
      async upsert(id, payload) {
        entries.set(`${model}:${id}`, payload)
      },
      async consume(id) {
        const payload = await find(id)
        if (payload !== undefined) payload['consumed'] = Math.floor(Date.now() / 1000)
      },
      async destroy(id) {
        entries.delete(`${model}:${id}`)
      },
      async revokeByGrantId(grantId) {
        for (const [key, payload] of entries) if (payload.grantId === grantId) entries.delete(key)
      },
    }
  }
}
