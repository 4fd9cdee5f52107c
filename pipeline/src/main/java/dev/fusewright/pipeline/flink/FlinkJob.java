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
package dev.fusewright.pipeline.flink;

import dev.fusewright.pipeline.run.ClusterJob;
import dev.fusewright.pipeline.run.RunFigures;
import java.io.IOException;

/**
 * A job that a Flink cluster has.
 *
 * @param id Flink's
 */
record FlinkJob(RemoteFlink cluster, String id) implements ClusterJob {
  @Override
  public String name() {
    return "Flink job " + id;
  }

  @Override
  public String page() {
    return "%s/#/job/%s/overview".formatted(cluster.address(), id);
  }

  @Override
  public String cancellation() {
    return "curl -X PATCH '%s/jobs/%s?mode=cancel'".formatted(cluster.address(), id);
  }

  @Override
  public RunFigures figures() throws IOException {
    return cluster.figures(id);
  }
}
