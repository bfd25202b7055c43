// A module that is built on its own and handed over as text, for a worker to run.
declare module "worker:*" {
  const source: string;
  export default source;
}
