// Fetches a URL through the proxy of HTTPS_PROXY, whose credentials Java has to be
// given by the program, and prints the status and the body.
import java.net.Authenticator;
import java.net.InetSocketAddress;
import java.net.PasswordAuthentication;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;

class Fetch {
    public static void main(String[] args) throws Exception {
        var proxy = URI.create(System.getenv("HTTPS_PROXY"));
        var user = proxy.getUserInfo(); // decoded
        var name = user.substring(0, user.indexOf(':'));
        var secret = user.substring(user.indexOf(':') + 1).toCharArray();
        var client = HttpClient.newBuilder()
            .proxy(ProxySelector.of(new InetSocketAddress(proxy.getHost(), proxy.getPort())))
            .authenticator(new Authenticator() {
                @Override protected PasswordAuthentication getPasswordAuthentication() {
                    return getRequestorType() == RequestorType.PROXY ? new PasswordAuthentication(name, secret) : null;
                }
            }).build();
        var reply = client.send(HttpRequest.newBuilder(URI.create(args[0])).build(), BodyHandlers.ofString());
        System.out.println(reply.statusCode() + " " + reply.body());
        System.exit(reply.statusCode() == 200 ? 0 : 1);
    }
}
