// What operators are given in YAML: that it parses, that what it names is there, and that the Worker gets all it must have.
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { required } from './doctor/settings.ts';
import { root } from './worker-process.ts';
import { workerdConfig } from './workerd.ts';

const read = (file: string): string => readFileSync(join(root, file), 'utf8');

/** The documents of a file; duplicate keys, bad references and the like are errors. */
function documents(file: string): Record<string, never>[] {
  return parseAllDocuments(read(file), { version: '1.2' }).map((document) => {
    expect(document.errors, file).toEqual([]);
    expect(document.warnings, file).toEqual([]);
    return document.toJS();
  });
}

const patterns = ['ops/**/*.{yml,yaml}', '.github/**/*.{yml,yaml}'];
it.each(globSync(patterns, { cwd: root }).sort())('%s parses', (file) => {
  expect(documents(file).length).toBeGreaterThan(0);
});

describe('compose.yaml', () => {
  interface Service {
    image?: string;
    environment?: Record<string, string>;
    volumes?: string[];
    depends_on?: string[] | Record<string, unknown>;
    secrets?: string[];
  }
  const [composition] = documents('ops/compose.yaml') as unknown as [
    {
      services: Record<string, Service>;
      volumes: Record<string, null>;
      secrets: Record<string, { environment: string }>;
    },
  ];
  const services = Object.entries(composition.services);

  it('has all parts, each of a version that is named', () => {
    const parts = [
      'proxy',
      'worker',
      'clock',
      'database',
      'postgres',
      'storage',
      'relay',
      'livekit',
      'prometheus',
      'grafana',
    ];
    expect(Object.keys(composition.services)).toEqual(expect.arrayContaining(parts));
    for (const [name, { image }] of services.filter(([, service]) => !('build' in service)))
      expect(image, name).toMatch(/^docker\.io\/[\w./-]+:(?!latest)\S+$/);
  });

  it('mounts only what is there, and depends only on what is in it', () => {
    for (const [name, { volumes = [], depends_on = [], secrets = [] }] of services) {
      for (const volume of volumes) {
        const [from = ''] = volume.split(':');
        const there = from.startsWith('.')
          ? existsSync(join(root, 'ops', from))
          : from in composition.volumes;
        expect(there, `${name}: ${volume}`).toBe(true);
      }
      for (const other of Array.isArray(depends_on) ? depends_on : Object.keys(depends_on))
        expect(composition.services, name).toHaveProperty(other);
      for (const secret of secrets) expect(composition.secrets, name).toHaveProperty(secret);
    }
  });

  it('takes from its settings just what the example has', () => {
    const taken = new Set([...read('ops/compose.yaml').matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name));
    for (const { environment } of Object.values(composition.secrets)) taken.add(environment);
    const given = [...read('ops/own/settings.example').matchAll(/^(\w+)=/gm)].map(([, name]) => name);
    expect(given.sort()).toEqual([...taken].sort());
  });

  it('gives the Worker all that it must have, and whom the log is for and for how long', () => {
    expect(Object.keys(composition.services.worker?.environment ?? {})).toEqual(
      expect.arrayContaining([
        ...[...Object.keys(required), 'NEON_ENDPOINT', 'S3_REGION'],
        ...['LOG_PUBLIC_KEY', 'LOG_DAYS', 'SENTRY_DSN'],
      ]),
    );
  });
});

describe('the manifests for Kubernetes', () => {
  interface Manifest {
    kind: string;
    metadata: { name: string };
    spec: never;
  }
  const [kustomization] = documents('ops/kubernetes/kustomization.yaml') as unknown as [
    { resources: string[]; images: { name: string }[] },
  ];
  const manifests = kustomization.resources.flatMap(
    (file) => documents(`ops/kubernetes/${file}`) as unknown as Manifest[],
  );

  it('are all in the kustomization, once each', () => {
    const files = globSync('*.yaml', { cwd: join(root, 'ops/kubernetes') });
    expect([...kustomization.resources, 'kustomization.yaml'].sort()).toEqual(files.sort());
    const names = manifests.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
    expect(new Set(names).size).toBe(names.length);
  });

  it('run one workerd, which keeps its objects, and nothing as root', () => {
    const pods = JSON.stringify(manifests);
    const worker = manifests.find(({ kind }) => kind === 'StatefulSet') as unknown as {
      spec: { replicas: number; volumeClaimTemplates: unknown[] };
    };
    expect(worker.spec.replicas).toBe(1);
    expect(worker.spec.volumeClaimTemplates).toHaveLength(1);
    const running = manifests.filter(({ kind }) => /StatefulSet|Deployment|CronJob/.test(kind));
    for (const each of running)
      expect(JSON.stringify(each), each.metadata.name).toContain('"runAsNonRoot":true');
    expect(pods).not.toContain('"privileged":true');
  });

  it('keep no secret, and shut the Worker’s doors to all but the ingress and the sweep', () => {
    expect(manifests.some(({ kind }) => kind === 'Secret')).toBe(false);
    const policies = manifests
      .filter(({ kind }) => kind === 'NetworkPolicy')
      .map(({ metadata }) => metadata.name);
    expect(policies.sort()).toEqual(['database', 'worker']);
  });
});

describe('without containers', () => {
  it('the places and sockets that the commands set are ones of the configuration', () => {
    const commands = read('ops/own/README.md').split('## Without containers')[1]?.split('\n## ')[0] ?? '';
    const config = workerdConfig({
      ...{ address: '*:8080', objects: '/data', bundle: 'worker/index.js', variables: {} },
      front: { script: 'front.js', web: '/app/web', headers: '', cron: '*:8081' },
    });
    const set = [...commands.matchAll(/--(directory-path|socket-addr) (\w+)=/g)];
    expect(set).toHaveLength(4);
    for (const [, flag, name] of set)
      expect(config).toMatch(
        new RegExp(`\\(name = "${name}", ${flag === 'socket-addr' ? 'address' : 'disk'} =`),
      );
  });
});
