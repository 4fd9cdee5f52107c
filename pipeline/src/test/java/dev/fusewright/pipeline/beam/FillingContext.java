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
package dev.fusewright.pipeline.beam;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.DelegateToFileSystem;

/** What Hadoop renames the files of a {@link FillingFileSystem} by. */
public final class FillingContext extends DelegateToFileSystem {
  /** Made by Hadoop, which knows its class. */
  public FillingContext(URI uri, Configuration configuration)
      throws IOException, URISyntaxException {
    super(
        uri,
        new FillingFileSystem(),
        configuration,
        FillingFileSystem.SCHEME,
        /* authorityRequired= */ false);
  }

  @Override
  public int getUriDefaultPort() {
    return -1;
  }
}
