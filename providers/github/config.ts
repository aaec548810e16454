/** Options of a GitHub connection. */
import { z } from 'zod'
import { clientOptions, serverAddress } from '../oauth2/options.ts'

export const config = z.strictObject({
  ...clientOptions,
  organizations: z
    .boolean()
    .default(true)
    .describe('A person’s organizations are groups; asks for the scope read:org. Default true.'),
  groupNames: z
    .enum(['login', 'id'])
    .default('login')
    .describe(
      'What names an organization as a group: login, which can be renamed and taken by others, or ID. Default login.',
    ),
  baseUrl: serverAddress('Address of GitHub or your Enterprise Server, and the issuer.', 'https://github.com'),
  apiUrl: serverAddress('Its API: https://<host>/api/v3 of an Enterprise Server.', 'https://api.github.com'),
})

export type GitHubConfig = z.infer<typeof config>
