/** The servers of a run: nginx for TLS, the suite, its database and an upstream. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { BuiltSuite } from './build/build.ts'
import type { Certificate } from './certificate.ts'
import { findNginx, type Running, start, untilReady } from './programs.ts'
import type { RunFolders } from './run-folders.ts'

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url))

export async function startServers(
  place: RunFolders,
  suite: BuiltSuite,
  certificate: Certificate,
  jdk: string,
): Promise<readonly Running[]> {
  const { run, ports } = place
  const java = join(jdk, 'bin', 'java')
  const nginx = start(join(run, 'nginx.log'), findNginx(), ['-c', nginxConfiguration(place, certificate)])
  const mongo = start(join(run, 'mongo.log'), java, [
    '-Xmx1g',
    '-cp',
    suite.mongo,
    here('build/Mongo.java'),
    '127.0.0.1',
    `${ports.mongo}`,
  ])
  const upstream = start(join(run, 'upstream.log'), process.execPath, [here('upstream.ts'), `${ports.upstream}`])
  const started = start(join(run, 'suite.log'), java, [
    '-Xmx3g',
    '-Djdk.tls.maxHandshakeMessageSize=65536',
    `-Djavax.net.ssl.trustStore=${certificate.trustStore}`,
    `-Djavax.net.ssl.trustStorePassword=${certificate.trustStorePassword}`,
    '-jar',
    suite.jar,
    '--fintechlabs.devmode=true',
    '--server.address=127.0.0.1',
    `--server.port=${ports.suite}`,
    `--spring.mongodb.uri=mongodb://127.0.0.1:${ports.mongo}/test_suite`,
    '--openid.mongodb.targetFeatureCompatibilityVersion=',
    `--fintechlabs.base_url=${place.suite}`,
    `--fintechlabs.base_mtls_url=https://127.0.0.1:${ports.suiteMtls}`,
    '--fintechlabs.external_url_override=',
    ...suite.developmentKeys,
  ])
  await untilReady('The upstream', upstream, `${place.upstream}/.well-known/openid-configuration`, 60)
  await untilReady('The suite', started, `${place.suite}/api/runner/available`, 300)
  return [started, upstream, mongo, nginx]
}

function nginxConfiguration({ run, ports }: RunFolders, { certificate, privateKey }: Certificate): string {
  const folder = join(run, 'nginx')
  mkdirSync(folder, { recursive: true })
  const headers = `
      proxy_http_version 1.1; proxy_read_timeout 120s;
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_set_header X-Forwarded-Proto https;
      proxy_set_header X-Forwarded-Host $http_host;
      proxy_buffer_size 64k; proxy_buffers 8 64k; proxy_busy_buffers_size 64k;`
  const ofClient = `
      proxy_set_header X-Ssl-Cipher $ssl_cipher; proxy_set_header X-Ssl-Protocol $ssl_protocol;
      proxy_set_header X-Ssl-Cert $ssl_client_cert;`
  const server = (tls: number, plain: number, more = '', inServer = '') => `
  server {
    listen 127.0.0.1:${tls} ssl; ${inServer}
    location / { proxy_pass http://127.0.0.1:${plain}; ${headers} ${more}
    }
  }`
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  const text = `${process.getuid?.() === 0 ? 'user root;' : ''}
daemon off; worker_processes 1; pid ${folder}/pid; error_log ${folder}/error.log;
events { worker_connections 1024; }
http {
  access_log ${folder}/access.log;
  ${temporary.map((kind) => `${kind}_temp_path ${folder}/${kind};`).join(' ')}
  ssl_certificate ${certificate}; ssl_certificate_key ${privateKey};
  ssl_protocols TLSv1.2 TLSv1.3; ssl_ciphers ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384;
  client_header_buffer_size 32k; large_client_header_buffers 4 64k; client_max_body_size 20m;
  ${server(ports.suiteTls, ports.suite, `${ofClient} proxy_set_header X-Forwarded-Port ${ports.suiteTls};`)}
  ${server(ports.suiteMtls, ports.suite, `${ofClient} proxy_set_header X-Forwarded-Port ${ports.suiteMtls};`, 'ssl_verify_client optional_no_ca;')}
  ${server(ports.gatehouseTls, ports.gatehouse)}
}
`
  const file = join(folder, 'nginx.conf')
  writeFileSync(file, text)
  return file
}
