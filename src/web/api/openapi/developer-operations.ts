/** What a developer may do with their apps, with their own session. */
import type { ErrorCode } from '../../../errors.ts'
import { exampleApp, exampleKey } from './examples.ts'
import { type Operation, person } from './operation.ts'

const reading: readonly ErrorCode[] = ['session_invalid', 'developer_refused']
const readingOne: readonly ErrorCode[] = [...reading, 'app_unknown']
const writing: readonly ErrorCode[] = [...readingOne, 'origin_refused', 'busy']
const checking: readonly ErrorCode[] = [...writing, 'app_invalid']

const app = { id: 'The app.' }
const wholeApp = {
  ...exampleApp,
  secrets: [{ id: 'Zk3v9QxT2aLm', createdAt: exampleApp.createdAt }],
  keys: [exampleKey],
}
const secret = { id: 'Zk3v9QxT2aLm', secret: 'gth_c_…', createdAt: exampleApp.createdAt }

/** What all of them have in common. */
const own = { group: 'developer', credentials: person } as const

export const developerOperations: readonly Operation[] = [
  {
    ...own,
    method: 'get',
    path: '/api/v1/apps',
    id: 'listApps',
    summary: 'Your apps',
    answer: { status: 200, description: 'Newest first.', schema: 'AppList', example: { apps: [exampleApp] } },
    errors: reading,
  },
  {
    ...own,
    method: 'post',
    path: '/api/v1/apps',
    id: 'registerApp',
    summary: 'Register an app',
    description: 'It serves the people of your own tenant. Secrets and keys are made afterwards.',
    body: {
      schema: 'NewApp',
      example: { name: 'Shop', kind: 'web', redirectUris: ['https://shop.example/signed-in'] },
    },
    answer: {
      status: 201,
      description: 'Registered; `Location` says where.',
      schema: 'App',
      example: { ...exampleApp, secrets: [], keys: [] },
    },
    errors: [...reading, 'origin_refused', 'app_invalid', 'busy'],
  },
  {
    ...own,
    method: 'get',
    path: '/api/v1/apps/:id',
    id: 'showApp',
    summary: 'One of your apps',
    parameters: app,
    answer: { status: 200, description: 'With its secrets and keys by id.', schema: 'App', example: wholeApp },
    errors: readingOne,
  },
  {
    ...own,
    method: 'patch',
    path: '/api/v1/apps/:id',
    id: 'changeApp',
    summary: 'Change an app',
    description: 'Its kind stays.',
    parameters: app,
    body: { schema: 'AppChanges', example: { name: 'The Shop' } },
    answer: { status: 200, description: 'As it is now.', schema: 'App', example: { ...wholeApp, name: 'The Shop' } },
    errors: checking,
  },
  {
    ...own,
    method: 'delete',
    path: '/api/v1/apps/:id',
    id: 'removeApp',
    summary: 'Remove an app',
    parameters: app,
    answer: { status: 204, description: 'Gone, with the consents people gave it.' },
    errors: writing,
  },
  {
    ...own,
    method: 'get',
    path: '/api/v1/apps/:id/secrets',
    id: 'showSecrets',
    summary: 'The client secrets of an app',
    parameters: app,
    answer: { status: 200, description: 'At most two.', schema: 'SecretList', example: { secrets: [secret] } },
    errors: readingOne,
  },
  {
    ...own,
    method: 'post',
    path: '/api/v1/apps/:id/secrets',
    id: 'rotateSecret',
    summary: 'Make a client secret',
    description: 'The one before goes on for a while, so that nothing stands still.',
    parameters: app,
    body: { schema: 'NewSecret', example: { overlapSeconds: 86_400 } },
    answer: { status: 201, description: 'The new one.', schema: 'Secret', example: secret },
    errors: checking,
  },
  {
    ...own,
    method: 'delete',
    path: '/api/v1/apps/:id/secrets/:secretId',
    id: 'revokeSecret',
    summary: 'Revoke a client secret',
    parameters: { ...app, secretId: 'The secret, by its id.' },
    answer: { status: 204, description: 'It is refused from this moment on.' },
    errors: writing,
  },
  {
    ...own,
    method: 'post',
    path: '/api/v1/apps/:id/keys',
    id: 'addKey',
    summary: 'Make or add a key',
    parameters: app,
    body: { schema: 'NewKey', example: { name: 'Server in Berlin', generate: true } },
    answer: {
      status: 201,
      description: 'The key; its private half once, where it was made here.',
      schema: 'MadeKey',
      example: { ...exampleKey, privateKey: '-----BEGIN PRIVATE KEY-----\n…' },
    },
    errors: checking,
  },
  {
    ...own,
    method: 'delete',
    path: '/api/v1/apps/:id/keys/:keyId',
    id: 'removeKey',
    summary: 'Remove a key',
    parameters: { ...app, keyId: 'The key, by its id.' },
    answer: { status: 204, description: 'It is refused from this moment on.' },
    errors: writing,
  },
]
