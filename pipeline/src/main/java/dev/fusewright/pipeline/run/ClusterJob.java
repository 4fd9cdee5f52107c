/*
 * Copyright the Fusewright authors.
 *
 * Licensed under the Apache License, Version 2.0 (the "License"); you may not use this file except
 * in compliance with the License. You may obtain a copy of the License at
 *
 *     http://www.apache.org/licenses/LICENSE-2.0
 *
 * Unless required by applicable law or agreed to in writing, software distributed under the License
 * is distributed on an "AS IS" BASIS, WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express
 * or implied. See the License for the specific language governing permissions and limitations under
 * the License.
 */
package dev.fusewright.pipeline.run;

import java.io.IOException;

/** A run that a cluster has, and that goes on without this process. */
public interface ClusterJob {
  /** The kind of cluster, and its own id of the job: {@code Flink job 4711}. */
  String name();

  /** Address of the page that shows it. */
  String page();

  /** A command line that ends it. */
  String cancellation();

  /** How far it is. */
  RunFigures figures() throws IOException;
}
