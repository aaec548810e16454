/** API tokens at the API, as their owner uses it. */
import { expect } from 'vitest'
import type { Page } from '../browser/test-browser.ts'
import { api } from './connections.ts'
import type { TestGatehouse } from './test-gatehouse.ts'

export const day = 86_400

export function tokenApi(server: () => TestGatehouse) {
  const read = (page: Page) => JSON.parse(page.body)
  const check = (token: string, headers = {}) => api(server(), '/api/v1/session', { headers }, token)
  const inDays = (days: number) => new Date(server().clock.now().getTime() + days * day * 1000).toISOString()
  const post = (path: string, json: object, by: string) => api(server(), path, { method: 'POST', json }, by)
  const remove = (path: string, by: string) => api(server(), path, { method: 'DELETE' }, by)
  const tokensOf = async (by: string) => read(await api(server(), '/api/v1/tokens', {}, by)).tokens

  /** Creates one that must be created. */
  async function created(by: string, draft: object = {}): Promise<{ token: string; apiToken: { id: string } }> {
    const page = await post('/api/v1/tokens', { name: 'Build', expiresAt: inDays(30), ...draft }, by)
    expect(page.status, page.body).toBe(201)
    return read(page)
  }
  return { read, check, inDays, post, remove, tokensOf, created }
}
