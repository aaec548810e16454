/** The pages with generated parts. A test compares them; `vitest -u` of that test writes them. */
import { withIncludes } from './includes.ts'
import { readSource } from './pages.ts'
import { withPart } from './parts.ts'
import { apiCredentials, apiOperations } from './reference/api.ts'
import { attackTables } from './reference/attacks.ts'
import { cliCommands, cliOverview, generalOptions } from './reference/cli.ts'
import { connectionOptions, deploymentOptions, tenantOptions } from './reference/configuration.ts'
import { errorCodes } from './reference/errors.ts'

type Parts = Readonly<Record<string, () => string>>

const pages: Readonly<Record<string, Parts>> = {
  'docs/reference/api.md': { credentials: apiCredentials, operations: apiOperations },
  'docs/reference/cli.md': { options: generalOptions, overview: cliOverview, commands: cliCommands },
  'docs/reference/configuration.md': {
    deployment: deploymentOptions,
    tenant: tenantOptions,
    connections: connectionOptions,
  },
  'docs/reference/errors.md': { codes: errorCodes },
  'docs/security/attacks.md': { attacks: attackTables },
}

export const generatedPages = Object.keys(pages)

/** The page as it should be now. */
export function generatedPage(path: string): string {
  const parts = Object.entries(pages[path] ?? {})
  return parts.reduce((text, [name, content]) => withPart(text, name, content()), withIncludes(readSource(path)))
}
