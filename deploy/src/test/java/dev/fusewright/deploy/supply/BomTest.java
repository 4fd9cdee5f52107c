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
package dev.fusewright.deploy.supply;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fusewright.deploy.support.Project;
import java.util.List;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.xpath.XPathConstants;
import javax.xml.xpath.XPathFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.NodeList;

/** What others take their versions from says those of this build, and those alone. */
class BomTest {
  private static final String MANAGED = "/project/dependencyManagement/dependencies/dependency/";

  @Test
  void its_version_is_that_of_all_modules() throws Exception {
    assertThat(values("deploy/bom/pom.xml", "/project/version"))
        .isEqualTo(values("pom.xml", "/project/version"));
  }

  @Test
  void it_manages_our_libraries_and_nothing_else() throws Exception {
    assertThat(values("deploy/bom/pom.xml", MANAGED + "groupId")).containsOnly("dev.fusewright");
    assertThat(values("deploy/bom/pom.xml", MANAGED + "artifactId"))
        .containsExactly(
            values("fusion-core/pom.xml", "/project/artifactId").get(0),
            values("model-io/pom.xml", "/project/artifactId").get(0),
            values("pipeline/pom.xml", "/project/artifactId").get(0));
    assertThat(values("deploy/bom/pom.xml", "/project/parent")).isEmpty();
  }

  @Test
  void central_finds_what_it_asks_for_in_both() throws Exception {
    for (String pom : List.of("pom.xml", "deploy/bom/pom.xml")) {
      for (String field :
          List.of(
              "name", "description", "url", "licenses/license/url", "developers/developer/name")) {
        assertThat(values(pom, "/project/" + field)).as("%s: %s", pom, field).hasSize(1);
      }
      assertThat(values(pom, "/project/scm/connection")).hasSize(1);
    }
  }

  private static List<String> values(String pom, String path) throws Exception {
    Document document =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(Project.HOME.resolve(pom).toFile());
    NodeList found =
        (NodeList)
            XPathFactory.newInstance().newXPath().evaluate(path, document, XPathConstants.NODESET);
    return IntStream.range(0, found.getLength())
        .mapToObj(i -> found.item(i).getTextContent().strip())
        .toList();
  }
}
