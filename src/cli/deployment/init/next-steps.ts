/** Next steps after `gatehouse init`, as text. */
import { providers } from '../../../../providers/index.ts'
import { assignOperatorCommand } from '../../../broker/access/first-operator.ts'
import { brandTemplates } from './brands.ts'
import type { NewConfiguration } from './files.ts'

export interface Written {
  readonly configuration: NewConfiguration
  /** Written files, as paths that the operator can type. */
  readonly files: readonly string[]
  /** Variables to fill in. */
  readonly empty: readonly string[]
  readonly folder: string
  /** Runs a command, such as `gatehouse`. */
  readonly program: string
}

export function nextSteps({ configuration, files, empty, folder, program }: Written): string {
  const { tenant, kinds, publicUrl } = configuration
  const command = (words: string) => `${program} ${words}${folder === 'config' ? '' : ` --config ${folder}`}`
  const urls = kinds.flatMap((kind) => callbackOf(kind, tenant, publicUrl))
  const user = kinds.includes('password')
    ? [
        `add a user (type a password, Enter, Ctrl-D): ${command(`users add --tenant ${tenant} --email you@example.com --password-stdin`)}`,
      ]
    : []
  const operator = assignOperatorCommand(tenant, 'you@example.com').replace(/^gatehouse /, '')
  const steps = [
    ...(urls.length === 0
      ? []
      : configuration.emulators
        ? ['start the emulated identity providers: npm run quickstart, in a clone of the repository']
        : [['register these URLs at the identity providers:', ...urls].join('\n')]),
    ...(empty.length === 0 ? [] : [`fill in ${folder}/.env: ${empty.join(', ')}`]),
    `check the configuration: ${command('check')}`,
    `start Gatehouse: ${command('serve')}`,
    ...user,
    `sign in: ${new URL(`/login?tenant=${tenant}`, publicUrl).href}`,
    `become operator, once you have signed in or added the user: ${command(operator)}`,
  ]
  const numbered = steps.map((step, index) => `${String(index + 1).padStart(3)}. ${step}\n`)
  return `written:\n${files.map((file) => `  ${file}\n`).join('')}\nKeep ${folder}/.env out of version control, and back it up: it holds the key of the data.\n\nNext steps:\n${numbered.join('')}`
}

/** Lines that say where to register the callback URL, in the brand's words. */
function callbackOf(kind: string, tenant: string, publicUrl: URL): readonly string[] {
  if ((brandTemplates[kind]?.filled.length ?? 0) === 0) return []
  const at = (last: string) => new URL(`/t/${tenant}/${kind}/${last}`, publicUrl).href
  const brand = providers.find((provider) => provider.kind === kind)?.brand
  const place = brand?.callbackPlace === undefined ? '' : `  (${brand.callbackPlace})`
  const isSaml = kind === 'saml' || kind === 'epam'
  return [
    `       ${brand?.name ?? kind}: ${isSaml ? `${at('callback')}, metadata ${at('metadata')}` : at('callback')}${place}`,
  ]
}

/**
 * How the operator runs commands. npx takes the packed tarball, never the name alone, which it
 * would look up in the registry.
 */
export function programOf(
  environment: Readonly<Record<string, string | undefined>>,
  tarball: string | undefined,
): string {
  const { npm_command: command, npm_lifecycle_event: script } = environment
  if (script === 'gatehouse') return 'npm run gatehouse --'
  return command === 'exec' && tarball !== undefined ? `npx ./${tarball}` : 'gatehouse'
}
