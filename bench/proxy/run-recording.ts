/**
 * The engine with recording to a workspace on disk, wired as `core/engine` wires it (workspace, bodies, registry, feed
 * of the window): with PORT, UPSTREAM_CA (PEM file), DATA (folder for the workspace) and, bundled, WRITER (file of the
 * writing thread).
 */
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createCapture } from '../../core/capture/capture.ts';
import { FrameRecorder } from '../../core/capture/frame-recorder.ts';
import { toCookieView } from '../../core/cookies/cookie-view.ts';
import { FlowFeed } from '../../core/engine/flow-feed.ts';
import { createAuthority } from '../../core/proxy/certificates/authority.ts';
import { startProxy } from '../../core/proxy/proxy.ts';
import { Registry } from '../../core/registry/registry.ts';
import { archiveOf } from '../../core/workspace/archive.ts';
import { keptBodies } from '../../core/workspace/kept-bodies.ts';
import { openWorkspace } from '../../core/workspace/workspace.ts';

/** A function, since a bundle in CommonJS has no `await` at the top. */
async function main(): Promise<void> {
  const clock = Date.now;
  const folder = process.env['DATA'] ?? mkdtempSync(path.join(tmpdir(), 'bench-recording-'));
  const writer = process.env['WRITER'];
  const workspace = await openWorkspace(path.join(folder, 'workspace.sqlite'), {
    clock,
    ...(writer === undefined ? {} : { writerUrl: writer }),
  });
  const bodies = keptBodies(workspace, 'bench');
  const registry = new Registry({
    archive: archiveOf(workspace),
    clock,
    decode: () => undefined as never,
    readSetCookie: (setCookie, url, at) => toCookieView(setCookie, url, at),
  });
  let told = 0;
  registry.onChange(({ updated, touched }) => {
    told += updated.length + touched.length;
  });
  const feed = new FlowFeed((ids) => {
    for (const id of ids) if (workspace.flows.summary(id) !== undefined) told++;
  });
  const frames = new FrameRecorder(bodies);
  const capture = createCapture({
    clock,
    bodies,
    wanted: (name) => workspace.settings.isCalledSession(name),
    gatherMs: 10,
    onBegin: (id) => workspace.flows.reserve(id),
    onFlow(flow, phase, sightings, { isNew }) {
      workspace.flows.put(flow, isNew);
      registry.saw(flow, sightings, phase === 'end');
      feed.add(flow.id);
    },
  });
  setInterval(() => registry.tick(), 1000).unref();
  setInterval(() => void workspace.tidy(), 5 * 60_000).unref();
  const upstreamCa = process.env['UPSTREAM_CA'];
  const tls = upstreamCa === undefined ? undefined : { ca: [readFileSync(upstreamCa, 'utf8')] };
  const proxy = await startProxy({
    port: Number(process.env['PORT'] ?? 0),
    authority: createAuthority(clock()),
    hooks: [capture.hooks, frames.hooks],
    ...(tls === undefined ? {} : { tls: () => tls }),
    log: (line) => console.error(line),
  });
  console.log('ready', proxy.port);
  process.on('uncaughtException', (error) => console.error('UNCAUGHT', error));
  process.on('SIGTERM', async () => {
    await proxy.close();
    await workspace.close();
    console.log('told', told);
    process.exit(0);
  });
}

void main();
