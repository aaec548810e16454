/**
 * Reads a configuration file when an administrator looks at it: a deployment may have 10,000 tenant
 * files, too many to keep in memory. Settings are of the file now, remarks of the start;
 * `isChanged` tells if they may disagree.
 */
import { basename, join } from 'node:path'
import type { ConfigurationFile, ConfigurationFiles, ConfigurationRemark } from '../../primitives/configuration-file.ts'
import { deploymentJsonSchema, tenantJsonSchema } from '../json-schema.ts'
import type { LoadedConfig } from '../load.ts'
import type { ConfigFault } from '../source/fault.ts'
import { maxDeploymentBytes, readSource } from '../source/files.ts'
import { settingsOf } from './settings.ts'

type Loaded = Pick<LoadedConfig, 'directory' | 'fileDigests' | 'providers' | 'unusable' | 'warnings' | 'notes'>

export function configurationFiles(loaded: Loaded): ConfigurationFiles {
  const { directory, fileDigests, providers } = loaded
  const remarks = Map.groupBy(remarksOf(loaded), ({ file }) => file)
  // built on first use: 50 ms for 9 kinds
  const schemas = {
    tenant: once(() => tenantJsonSchema(providers)),
    deployment: once(() => deploymentJsonSchema(providers)),
  }

  function read(name: string, kind: 'tenant' | 'deployment'): ConfigurationFile {
    const file = join(directory, name)
    const source = readSource(file, undefined, kind === 'deployment' ? maxDeploymentBytes : undefined)
    const unreadable = source.faults.map((fault) => ({ ...fault, severity: 'fault' as const }))
    return {
      file: name,
      // the name is unique: no tenant may be called gatehouse
      isChanged: source.digest !== fileDigests.get(basename(name)),
      settings: settingsOf(source, schemas[kind]()),
      remarks: [...unreadable, ...(remarks.get(file) ?? [])].map(remarkOf),
    }
  }

  return {
    ofTenant: (tenant) => read(join('tenants', `${tenant}.yaml`), 'tenant'),
    ofDeployment: () => read('gatehouse.yaml', 'deployment'),
    remarkCount: (tenant) => {
      const found = remarks.get(join(directory, 'tenants', `${tenant}.yaml`)) ?? []
      return found.filter(({ severity }) => severity !== 'note').length
    },
  }
}

type Remark = ConfigFault & Pick<ConfigurationRemark, 'severity'>

function remarksOf({ unusable, warnings, notes }: Loaded): readonly Remark[] {
  const as = (severity: Remark['severity']) => (fault: ConfigFault) => ({ ...fault, severity })
  return [...unusable.map(as('fault')), ...warnings.map(as('warning')), ...notes.map(as('note'))]
}

function remarkOf({ severity, line, column, path, message }: Remark): ConfigurationRemark {
  return { severity, line, column, path, message }
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}
