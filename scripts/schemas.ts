/** `npm run schemas`: writes JSON Schemas for editors, the types of the SDK and a table of docs. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { providers } from '../providers/index.ts'
import { deploymentJsonSchema, schemaText, tenantJsonSchema } from '../src/config/json-schema.ts'
import { componentSchemas } from '../src/web/api/openapi/openapi-document.ts'
import { sdkFiles } from '../src/web/api/schemas.ts'
import { withActions } from './audit-actions.ts'
import { responseTypes } from './response-types.ts'

const folder = new URL('../config/schema/', import.meta.url)
mkdirSync(folder, { recursive: true })
writeFileSync(new URL('gatehouse.schema.json', folder), schemaText(deploymentJsonSchema(providers)))
writeFileSync(new URL('tenant.schema.json', folder), schemaText(tenantJsonSchema(providers)))

const sdk = fileURLToPath(new URL('../src/sdk/', import.meta.url))
const schemas = componentSchemas()
const files = Object.entries(sdkFiles).map(([file, own]) => ({ file, types: responseTypes(schemas, Object.keys(own)) }))
for (const { file, types } of files) {
  const others = files.map((other) => other.file).filter((name) => name !== file)
  const exported = others.map((name) => `export type * from './${name}'\n`).join('')
  writeFileSync(`${sdk}${file}`, file === 'responses.ts' ? `${types}\n${exported}` : types)
}
const biome = fileURLToPath(new URL('../node_modules/@biomejs/biome/bin/biome', import.meta.url))
const written = files.map(({ file }) => `${sdk}${file}`)
execFileSync(process.execPath, [biome, 'check', '--write', ...written], { stdio: ['ignore', 'ignore', 'inherit'] })
const auditPage = new URL('../docs/operations/audit.md', import.meta.url)
writeFileSync(auditPage, withActions(readFileSync(auditPage, 'utf8')))
console.log(`written: config/schema/*.schema.json, src/sdk/: ${files.map(({ file }) => file).join(', ')}`)
