/** Real servers for tests; the bench starts the same ones. */
export { freePort, type LocalServer as TestServer, startPostgres, startRedis } from '../bench/servers.ts'
