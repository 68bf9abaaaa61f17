// Queries run where they run in the product: in a worker.
new Worker("worker.js");
