/** `npm run schemas`: writes the JSON Schemas that editors use for gatehouse.yaml and tenants/*.yaml. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { providers } from '../providers/index.ts'
import { deploymentJsonSchema, schemaText, tenantJsonSchema } from '../src/config/json-schema.ts'

const folder = new URL('../config/schema/', import.meta.url)
mkdirSync(folder, { recursive: true })
writeFileSync(new URL('gatehouse.schema.json', folder), schemaText(deploymentJsonSchema(providers)))
writeFileSync(new URL('tenant.schema.json', folder), schemaText(tenantJsonSchema(providers)))
console.log('written: config/schema/gatehouse.schema.json, config/schema/tenant.schema.json')
