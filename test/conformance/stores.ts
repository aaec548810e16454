/** The stores that plans run on: a SQLite file, or Redis with PostgreSQL. Empty for each plan. */
import pg from 'pg'
import { startPostgres, startRedis } from '../../bench/servers.ts'

export const storeNames = ['sqlite', 'postgres'] as const
export type StoreName = (typeof storeNames)[number]

export interface Stores {
  /** `storage` of gatehouse.yaml; undefined for a SQLite file beside the configuration. */
  empty(): Promise<object | undefined>
  stop(): Promise<void>
}

export async function openStores(name: StoreName): Promise<Stores> {
  if (name === 'sqlite') return { empty: async () => undefined, stop: async () => {} }
  const redis = await startRedis({ args: ['--databases', '100'] })
  const postgres = await startPostgres()
  let number = 0
  return {
    async empty() {
      number += 1
      const client = new pg.Client({ connectionString: postgres.url })
      await client.connect()
      await client.query(`create database plan_${number}`)
      await client.end()
      return {
        redis: `${redis.url}/${number}`,
        postgres: postgres.url.replace(/\/postgres$/, `/plan_${number}`),
      }
    },
    stop: async () => {
      await redis.stop()
      await postgres.stop()
    },
  }
}
