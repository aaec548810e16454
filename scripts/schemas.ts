/** `npm run schemas`: writes JSON Schemas for editors, and the types of the SDK. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { providers } from '../providers/index.ts'
import { deploymentJsonSchema, schemaText, tenantJsonSchema } from '../src/config/json-schema.ts'
import { accountSchemas } from '../src/web/api/account/account-schemas.ts'
import { appSchemas } from '../src/web/api/apps/app-schemas.ts'
import { componentSchemas } from '../src/web/api/openapi/openapi-document.ts'
import { sessionSchemas } from '../src/web/api/sessions/session-schemas.ts'
import { responseTypes } from './response-types.ts'

const folder = new URL('../config/schema/', import.meta.url)
mkdirSync(folder, { recursive: true })
writeFileSync(new URL('gatehouse.schema.json', folder), schemaText(deploymentJsonSchema(providers)))
writeFileSync(new URL('tenant.schema.json', folder), schemaText(tenantJsonSchema(providers)))

const sdk = fileURLToPath(new URL('../src/sdk/', import.meta.url))
const schemas = componentSchemas()
const others = "export type * from './account-responses.ts'\nexport type * from './app-responses.ts'\n"
writeFileSync(`${sdk}responses.ts`, `${responseTypes(schemas, Object.keys(sessionSchemas))}\n${others}`)
writeFileSync(`${sdk}account-responses.ts`, responseTypes(schemas, Object.keys(accountSchemas)))
writeFileSync(`${sdk}app-responses.ts`, responseTypes(schemas, Object.keys(appSchemas)))
const biome = fileURLToPath(new URL('../node_modules/@biomejs/biome/bin/biome', import.meta.url))
const files = ['responses.ts', 'account-responses.ts', 'app-responses.ts'].map((name) => sdk + name)
execFileSync(process.execPath, [biome, 'check', '--write', ...files], { stdio: ['ignore', 'ignore', 'inherit'] })
console.log('written: config/schema/*.schema.json, src/sdk/*responses.ts')
